import Failures
import Foundation
import Processes

/// A backup's own folder in the repository while it is being made.
struct Staging: Sendable {
    static let prefix = ".staging-"

    /// Where the engine and the binary logs put their files.
    let folder: String
    /// The folder that the backup will have; the package is written there, the manifest last.
    let destination: String

    var binlogFolder: String { "\(self.folder)/binlog" }
    var packagePath: String { "\(self.destination)/\(Catalog.packageName)" }

    /// Makes the folders, runs the closure, and removes the staging on every path; the destination too when the
    /// closure fails.
    ///
    /// The instance's lock must be held: whatever unfinished backup lies there then is a left-over, and is cleared.
    static func with<Result>(
        _ id: BackupID,
        _ catalog: Catalog,
        _ log: RunLog,
        body: (Staging) async throws -> Result
    ) async throws -> Result {
        try await Self.clearLeftovers(catalog, log)
        let staging = Staging(
            folder: "\(catalog.instanceFolder)/\(Self.prefix)\(id)",
            destination: "\(catalog.instanceFolder)/\(id)"
        )
        // A server that runs as another user must pass through to its own folder below.
        try catalog.makeFolder(staging.folder)
        try catalog.makeFolder(staging.destination)
        do {
            let result = try await body(staging)
            await Self.remove([staging.folder])
            return result
        } catch {
            await Self.remove((catalog.hasManifest(id) ? [] : [staging.destination]) + [staging.folder])
            throw error
        }
    }

    /// Removes folders; what cannot be removed is cleared by the next run.
    private static func remove(_ folders: [String]) async {
        _ = try? await offPool { _ in
            for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
        }
    }

    /// Ends what a killed run left running, and removes what it left behind.
    private static func clearLeftovers(_ catalog: Catalog, _ log: RunLog) async throws {
        for id in try catalog.unfinished() {
            let staging = "\(catalog.instanceFolder)/\(Self.prefix)\(id)"
            // A copying tool of that run; nobody else works for that folder.
            let tools = ProcessTable.processes(withArgumentContaining: "--target-dir=\(staging)/")
            try await ProcessTable.end(tools)
            let destination = "\(catalog.instanceFolder)/\(id)"
            for path in (catalog.hasManifest(id) ? [] : [destination]) + [staging] {
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
