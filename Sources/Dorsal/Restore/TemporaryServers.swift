import Database
import Failures
import Processes

/// Temporary servers of an interrupted restore.
enum TemporaryServers {
    /// Ends those that a killed run left on the target; they are known by a folder that only restores use.
    static func endLeftovers(_ layout: TargetLayout) async throws {
        let pids = TemporaryServer.leftovers(folder: layout.serverFolder)
        try await ProcessTable.end(pids, grace: .seconds(120))
    }
}
