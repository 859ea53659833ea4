import Database
import Engines
import Failures
import Foundation
import GTID
import Glibc

extension Replay {
    /// MariaDB: a first start lets the server write a channel's files in its own version's form; they are pointed at
    /// the binary logs, and a second start applies them.
    ///
    /// CHANGE MASTER cannot do that: with MASTER_LOG_FILE it throws
    /// relay logs away, with RELAY_LOG_FILE the server crashes.
    func replay(_ dialect: MariaDBDialect) async throws -> Replayed {
        let settings = try self.serverSettings(dialect)
        let data = try await TemporaryServer.with(settings) { server in
            try await ServerConnection.with(server.endpoint) { connection in
                try await self.makeChannel(connection, dialect)
            }
        }
        try self.checkData(data)
        let relayLogs = RelayLogs(plan: self.plan)
        let needed = relayLogs.needed(from: self.plan.manifest.data.binlogFile)
        try relayLogs.put(needed)
        try self.pointChannel(relayLogs, at: needed)
        let replayed = try await TemporaryServer.with(settings) { server in
            try await ServerConnection.with(server.endpoint) { connection in
                if !self.plan.manifest.binlogSet.subtracting(data).isEmpty {
                    try await connection.query(
                        dialect.startApplier(ReplaySettings.channel),
                        purpose: "starting the applier"
                    )
                    try await self.waitForApplier(connection, server, dialect)
                }
                let executed = try await self.removeChannel(connection, dialect)
                SyncPoint.reach("replay-done")
                return Replayed(dataSet: data, executed: executed)
            }
        }
        try relayLogs.remove()
        return replayed
    }

    /// Sets the data's position, which the data itself does not hold for events that the server generated, and makes
    /// the channel.
    private func makeChannel(_ connection: ServerConnection, _ dialect: MariaDBDialect) async throws -> GTIDSet {
        let replicated = try await connection.executedSet(dialect)
        let data = replicated.union(self.plan.manifest.data.lower)
        try await connection.query(
            dialect.setReplicaPosition(data.positionText),
            purpose: "setting the data's GTID position"
        )
        try await connection.query(dialect.makeReplayChannel, purpose: "making the replay's channel")
        return data
    }

    private func removeChannel(_ connection: ServerConnection, _ dialect: MariaDBDialect) async throws -> GTIDSet {
        try await connection.query(dialect.stop(ReplaySettings.channel), purpose: "stopping the applier")
        try await connection.query(dialect.forget(ReplaySettings.channel), purpose: "removing the replay's channel")
        return try await connection.executedSet(dialect)
    }

    /// Rewrites the applier's position file: number of lines, relay log and position in it, binary log and position in
    /// it, delay. (MariaDB source, sql/rpl_rli.cc, Relay_log_info::flush.)
    private func pointChannel(_ relayLogs: RelayLogs, at binlogs: [Manifest.BinlogRecord]) throws {
        let path = "\(self.plan.layout.dataDirectory)/relay-log-\(ReplaySettings.channel).info"
        guard let text = FileManager.default.contents(atPath: path) else {
            throw Failure(
                .unusable,
                "the server wrote no \(path)",
                hint: "is \(self.plan.version.text) a version that Dorsal knows?"
            )
        }
        var lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let count = Int(lines[0]), count >= 4, let first = binlogs.first else {
            throw Failure(
                .unusable,
                "\(path) is not of a form that Dorsal knows",
                cause: lines.joined(separator: " | ")
            )
        }
        let position = self.plan.manifest.data.binlogPosition ?? 4
        lines.replaceSubrange(
            1...4,
            with: [relayLogs.firstFile, "\(position)", first.name, "\(position)"].map { $0[...] }
        )
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    }
}
