import Database
import GTID

extension Replay {
    /// MySQL: the binary logs lie in the data directory when the server starts, and a channel is pointed at them.
    ///
    /// GTIDs that the data holds already are skipped by the server.
    func replay(_ dialect: MySQLDialect) async throws -> Replayed {
        let relayLogs = RelayLogs(plan: self.plan)
        let needed = relayLogs.needed(from: nil)
        try relayLogs.put(needed)
        let replayed = try await TemporaryServer.with(try self.serverSettings(dialect)) { server in
            try await ServerConnection.with(server.endpoint) { connection in
                let data = try await connection.executedSet(dialect)
                try self.checkData(data)
                if !self.plan.manifest.binlogSet.subtracting(data).isEmpty {
                    try await self.apply(relayLogs, connection, server, dialect)
                }
                SyncPoint.reach("replay-done")
                return Replayed(dataSet: data, executed: try await connection.executedSet(dialect))
            }
        }
        try relayLogs.remove()
        return replayed
    }

    private func apply(
        _ relayLogs: RelayLogs,
        _ connection: ServerConnection,
        _ server: TemporaryServer,
        _ dialect: MySQLDialect
    ) async throws {
        let channel = ReplaySettings.channel
        try await connection.query(
            dialect.replayRelayLogs(firstFile: relayLogs.firstFile),
            purpose: "pointing the applier at the binary logs"
        )
        try await connection.query(dialect.startApplier(channel), purpose: "starting the applier")
        try await self.waitForApplier(connection, server, dialect)
        try await connection.query(dialect.stop(channel), purpose: "stopping the applier")
        try await connection.query(dialect.forget(channel), purpose: "removing the replay's channel")
    }
}
