import Blocking
import Failures
import Foundation
import Processes
import Storage

/// A backup's own folder while it is being made.
struct Staging: Sendable {
    /// The start of the folder's name, which no listing of objects shows.
    static let prefix = ".dorsal-staging-"

    /// The backup that is being made.
    let id: BackupID
    /// Where the engine and the binary logs put their files.
    let folder: String
    /// Where the package is written in the local repository, the manifest last; nil when none is kept there.
    let destination: String?

    var binlogFolder: String { "\(self.folder)/binlog" }

    /// Makes the folders, runs the closure, and removes the staging on every path; the destination too when the
    /// closure fails.
    ///
    /// The instance's lock must be held: whatever unfinished backup lies there then is a left-over, and is cleared.
    static func with<Result>(
        _ id: BackupID,
        _ repository: LocalRepository,
        keepsLocal: Bool,
        _ log: RunLog,
        body: (Staging) async throws -> Result
    ) async throws -> Result {
        try await Self.clear(try repository.unfinished(), repository, log)
        let destination = "\(repository.instanceFolder)/\(id)"
        let staging = Staging(
            id: id,
            folder: "\(repository.stagingFolder)/\(Self.prefix)\(id)",
            destination: keepsLocal ? destination : nil
        )
        // A server that runs as another user must pass through to its own folder below.
        try Folders.make(staging.folder)
        if keepsLocal { try Folders.make(destination) }
        do {
            let result = try await body(staging)
            await Self.remove([staging.folder])
            return result
        } catch {
            let isPublished = repository.hasManifest(id)
            await Self.remove((keepsLocal && !isPublished ? [destination] : []) + [staging.folder])
            throw error
        }
    }

    /// Removes folders; what cannot be removed is cleared by the next run.
    private static func remove(_ folders: [String]) async {
        _ = try? await offPool { _ in
            for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
        }
    }

    /// Ends what killed runs left running, and removes what they left behind.
    ///
    /// The instance's lock must be held.
    static func clear(_ ids: [BackupID], _ repository: LocalRepository, _ log: RunLog) async throws {
        for id in ids {
            let staging = "\(repository.stagingFolder)/\(Self.prefix)\(id)"
            // A copying tool of that run; nobody else works for that folder.
            let tools = ProcessTable.processes(withArgumentContaining: "--target-dir=\(staging)/")
            try await ProcessTable.end(tools)
            let destination = "\(repository.instanceFolder)/\(id)"
            for path in (repository.hasManifest(id) ? [] : [destination]) + [staging] {
                guard FileManager.default.fileExists(atPath: path) else { continue }
                do {
                    try await offPool { _ in try FileManager.default.removeItem(atPath: path) }
                } catch {
                    throw Failure(
                        .storage,
                        "the left-over \(path) cannot be removed",
                        cause: error.localizedDescription
                    )
                }
            }
            log.note("cleared \(id), left by a run that did not end")
        }
    }
}
