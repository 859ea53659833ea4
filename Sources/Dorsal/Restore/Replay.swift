import Database
import Engines
import Failures
import Foundation
import GTID
import Glibc
import Processes
import Storage

/// A server that holds everything that its backup holds.
struct Replayed: Sendable {
    /// What the data held by itself.
    let dataSet: GTIDSet
    /// What data and binary logs hold together, as the server says.
    let executed: GTIDSet
}

/// Applies the binary logs that came with the backup, through the server's own parallel applier.
///
/// The server has no binary log then and a temporary server-id: with its real one the applier would drop the server's
/// own events.
struct Replay {
    let plan: RestorePlan
    let log: RunLog

    func run() async throws -> Replayed {
        switch self.plan.version.dialect {
        case let dialect as MySQLDialect: try await self.replay(dialect)
        case let dialect as MariaDBDialect: try await self.replay(dialect)
        default: throw Failure(.internal, "no way to replay binary logs for \(self.plan.version.text)")
        }
    }

    func serverSettings(_ dialect: any Dialect) throws -> TemporaryServer.Settings {
        let sizes = ReplaySizes(
            data: self.plan.manifest.unpackedBytes,
            binlogs: self.plan.manifest.binlogs.reduce(0) { $0 + $1.size },
            memory: FreeMemory().bytes,
            space: try DiskSpace.available(at: self.plan.layout.dataDirectory)
        )
        let settings = ReplaySettings(
            temporaryServerID: self.plan.temporaryServerID,
            workers: Self.workers(self.plan.version.flavor, cores: ProcessInfo.processInfo.activeProcessorCount),
            bufferPool: sizes.bufferPool,
            redoLog: sizes.redoLog
        )
        return try self.plan.temporary(self.plan.layout.replayOptionFile, dialect.replayOptions(settings))
    }

    /// How many appliers work at a time, as measured.
    ///
    /// MariaDB's single applier thread was the fastest on two cores.
    static func workers(_ flavor: GTIDFlavor, cores: Int) -> Int {
        switch flavor {
        case .mysql: min(32, max(4, cores * 4))
        case .mariadb: cores > 2 ? min(16, cores * 2) : 0
        }
    }

    /// The data must hold at the least what the manifest says, or the copy is not the one that was made.
    func checkData(_ executed: GTIDSet) throws {
        let missing = self.plan.manifest.data.lower.subtracting(executed)
        guard missing.isEmpty else {
            throw Failure(
                .integrity,
                "the restored data lacks transactions that the backup's manifest promises",
                cause: "missing: \(missing); the data holds \(executed)",
                hint: "restore another backup: dorsal list"
            )
        }
    }

    /// Waits until the applier has applied everything in the binary logs.
    func waitForApplier(_ connection: ServerConnection, _ server: TemporaryServer, _ dialect: any Dialect) async throws
    {
        let target = self.plan.manifest.binlogSet
        let start = try await connection.executedSet(dialect)
        let total = target.subtracting(start).count
        var watchdog = Watchdog(
            limit: .seconds(600),
            waitingFor: "the replay of the binary logs",
            hint: "see \(server.settings.folder)/server.log"
        )
        SyncPoint.reach("replay-running")
        while true {
            try server.checkRunning()
            let executed = try await connection.executedSet(dialect)
            let missing = target.subtracting(executed)
            let channel = try await connection.channels(dialect).first { $0.name == ReplaySettings.channel }
            // A MariaDB position says nothing of lower numbers that may still follow.
            if missing.isEmpty, dialect.flavor == .mysql || channel?.hasReadAll ?? false { return }
            try self.checkApplier(channel, missing)
            let work = try await Self.rowWork(connection)
            try watchdog.check("\(executed) \(channel?.progress ?? "") \(work)")
            self.log.amount("replay", Int64(total - missing.count), of: Int64(total), unit: "transactions")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func checkApplier(_ channel: ChannelState?, _ missing: GTIDSet) throws {
        if let error = channel?.applierError {
            throw Failure(
                .integrity,
                "the server could not apply the binary logs of the backup",
                cause: "\(error); not applied: \(missing)",
                hint: "restore another backup, or this one with the server version that wrote it"
            )
        }
        guard let channel, channel.isApplying else {
            throw Failure(
                .integrity,
                "the server stopped applying the binary logs of the backup before their end",
                cause: "not applied: \(missing)",
                hint: "see \(self.plan.layout.serverFolder)/server.log"
            )
        }
    }

    /// How many rows were changed so far; it grows in the middle of a large transaction too.
    static func rowWork(_ connection: ServerConnection) async throws -> String {
        try await connection.query(
            "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Innodb_rows_%' OR Variable_name LIKE 'Handler_%'"
        )
        .compactMap { $0.values.last ?? nil }.joined(separator: ",")
    }
}

/// Binary logs put into a data directory under the names of relay logs.
struct RelayLogs {
    let plan: RestorePlan

    private var prefix: String { "\(ReplaySettings.relayLog)-\(ReplaySettings.channel)" }

    /// The name of the first relay log, as the server's index writes it.
    var firstFile: String { "./\(self.prefix).000001" }

    /// The binary logs that hold anything that the data may lack.
    ///
    /// - Parameter file: where the data stands, when that is known exactly.
    func needed(from file: String?) -> [Manifest.BinlogRecord] {
        let binlogs = self.plan.manifest.binlogs
        if let file, let index = binlogs.firstIndex(where: { $0.name == file }) { return Array(binlogs[index...]) }
        let data = self.plan.manifest.data.lower
        return Array(binlogs.drop { data.contains($0.gtids) })
    }

    /// Links the binary logs into the data directory and lists them in the channel's index.
    func put(_ binlogs: [Manifest.BinlogRecord]) throws {
        let folder = self.plan.layout.dataDirectory
        let owner = try Ownership.find(self.plan.layout.osUser)
        let unpacked = Unpacked(folder: self.plan.layout.unpacked)
        try self.removeEarlier(folder)
        var lines = ""
        for (index, binlog) in binlogs.enumerated() {
            let number = String(1_000_001 + index).dropFirst()
            let path = "\(folder)/\(self.prefix).\(number)"
            let source = "\(unpacked.binlog)/\(binlog.name)"
            guard link(source, path) == 0 else { throw Failure.file("link \(source) to", path, errno: errno) }
            try owner?.give(path)
            lines += "./\(self.prefix).\(number)\n"
        }
        let indexPath = "\(folder)/\(self.prefix).index"
        try PrivateFile.replace(lines.utf8, at: indexPath, mode: 0o640)
        try owner?.give(indexPath)
    }

    /// Removes what is left of the relay logs, so that no link keeps a binary log's space.
    func remove() throws { try self.removeEarlier(self.plan.layout.dataDirectory) }

    private func removeEarlier(_ folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("\(self.prefix).")
        {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}
