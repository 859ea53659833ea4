import Blocking
import Failures
import Foundation
import Glibc
import Storage

/// The folder beside the target where a restore works.
enum WorkFolder {
    /// Makes the folder if need be and locks it, so that one restore of a target runs at a time.
    ///
    /// - Throws: `Failure` of class `locked` naming who holds it.
    static func open(_ layout: TargetLayout) throws -> FileLock {
        try self.refuseForeign(layout)
        do {
            try FileManager.default.createDirectory(
                atPath: layout.workFolder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o711]
            )
        } catch {
            throw Failure(
                .unusable,
                "\(layout.workFolder) cannot be made",
                cause: error.localizedDescription,
                hint: "run dorsal restore as root, or as the owner of the folder above"
            )
        }
        return try FileLock(at: "\(layout.workFolder)/lock", command: "dorsal restore")
    }

    /// A folder of that name that is not ours is the user's.
    private static func refuseForeign(_ layout: TargetLayout) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: layout.workFolder)) ?? []
        let foreign = names.filter { !self.names.contains($0) }.sorted()
        guard let first = foreign.first else { return }
        throw Failure(
            .unusable,
            "\(layout.workFolder) holds \(first), which is not Dorsal's",
            hint: "Dorsal works in that folder while it restores: move it away"
        )
    }

    /// Everything that a restore puts there; the journal goes first, so that nobody goes on with a half-removed folder.
    private static let names = ["journal.json", "unpacked", "server", "lock"]

    /// Removes what an interrupted run unpacked there.
    static func clear(_ layout: TargetLayout) throws {
        for path in [layout.unpacked, layout.serverFolder] {
            try Self.removeIfThere(path)
        }
    }

    /// Removes the folder when everything is done, and makes all files durable.
    static func remove(_ layout: TargetLayout) async throws {
        try await offPool { _ in sync() }
        for name in self.names { try Self.removeIfThere("\(layout.workFolder)/\(name)") }
        guard rmdir(layout.workFolder) == 0 else { throw Failure.file("remove", layout.workFolder, errno: errno) }
    }

    static func removeIfThere(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Failure(.unusable, "\(path) cannot be removed", cause: error.localizedDescription)
        }
    }
}
