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

    /// Removes what an interrupted run unpacked there.
    static func clear(_ layout: TargetLayout) throws {
        for path in [layout.unpacked, layout.serverFolder] {
            try Self.removeIfThere(path)
        }
    }

    /// Removes the folder when everything is done, and makes all files durable.
    static func remove(_ layout: TargetLayout) async throws {
        try await offPool { _ in sync() }
        try Self.removeIfThere(layout.workFolder)
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
