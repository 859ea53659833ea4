package import Failures
package import GTID

/// How a replication channel reaches its source.
package struct ChannelSource: Sendable, Equatable {
    package let channel: String
    package let host: String
    package let port: UInt16
    package let user: String
    package let password: Secret

    package init(channel: String, host: String, port: UInt16, user: String, password: Secret) {
        self.channel = channel
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }
}

/// How a temporary server's appliers are set for a replay.
package struct ReplaySettings: Sendable, Equatable {
    /// The name of the channel that replays.
    package static let channel = "restore"
    /// The base name of the relay logs that it replays.
    package static let relayLog = "replay"

    package let temporaryServerID: UInt32
    package let workers: Int
    /// The buffer pool's size in bytes; nil for the one in the server's option file.
    package let bufferPool: Int64?
    /// The redo log's size in bytes; nil for the one in the server's option file.
    package let redoLog: Int64?

    package init(temporaryServerID: UInt32, workers: Int, bufferPool: Int64? = nil, redoLog: Int64? = nil) {
        self.temporaryServerID = temporaryServerID
        self.workers = workers
        self.bufferPool = bufferPool
        self.redoLog = redoLog
    }

    /// Options that both kinds of servers have: nothing is written before it must be, as an interrupted replay starts
    /// again from the backup.
    var commonOptions: [String] {
        var options = [
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=OFF",
            "--innodb-max-dirty-pages-pct-lwm=0",
            "--innodb-buffer-pool-load-at-startup=OFF",
            // What the real server wrote down of its buffer pool stays as it is.
            "--innodb-buffer-pool-dump-at-shutdown=OFF",
            "--performance-schema=OFF",
            // What was just unpacked is in the system's cache: reading past it would wait for the disk.
            "--loose-innodb-flush-method=fsync",
            "--sync-relay-log=0",
        ]
        if let bufferPool { options.append("--innodb-buffer-pool-size=\(bufferPool)") }
        return options
    }
}

/// The statements and options that differ between MySQL's versions and MariaDB.
///
/// Statements are values, so that each version's can be tested without a server.
package protocol Dialect: Sendable {
    var flavor: GTIDFlavor { get }

    /// A query for the executed GTID set, in one row and column.
    var executedSet: String { get }
    /// A query for the purged GTID set, for servers that know it.
    var purgedSet: String? { get }
    /// Statements for a connection that is to read binary logs.
    var dumpPreparation: [String] { get }
    /// Flags of COM_BINLOG_DUMP: every event up to the end of the last file, then the end.
    var dumpFlags: UInt32 { get }
    /// A query for all channels' states, a row each.
    var channelStatus: String { get }
    /// Privileges for reading binary logs and replication state, as SHOW GRANTS names them.
    var backupPrivileges: [String] { get }
    /// Privileges that a restore needs of the user that is in the data.
    var restorePrivileges: [String] { get }

    /// Makes a channel that finds its position by GTID.
    func setUp(_ source: ChannelSource) -> String
    /// Makes a channel that came with the backup find its position by GTID.
    func positionByGTID(_ channel: String) -> String
    func start(_ channel: String) -> String
    func startApplier(_ channel: String) -> String
    func stop(_ channel: String) -> String
    func stopReceiver(_ channel: String) -> String
    /// Throws a channel's relay logs away and keeps how it reaches its source.
    func reset(_ channel: String) -> String
    /// Removes a channel.
    func forget(_ channel: String) -> String

    /// Options for every temporary server: read-only, unreachable, generating no event.
    func quietOptions(temporaryServerID: UInt32) -> [String]
    /// Options for replaying binary logs as relay logs, without a binary log of its own.
    func replayOptions(_ settings: ReplaySettings) -> [String]
    /// Options for rejoining: everything that comes from the peers goes into the binary log.
    ///
    /// - Parameter hasSeveralPeers: whether the same transaction may come from more than one.
    func rejoinOptions(temporaryServerID: UInt32, hasSeveralPeers: Bool) -> [String]
}

extension Dialect {
    /// Options that say where the binary log is.
    package func binlogOptions(base: String, index: String) -> [String] {
        ["--log-bin=\(base)", "--log-bin-index=\(index)"]
    }

    /// A text as a string literal, for both kinds of servers.
    ///
    /// A backslash is doubled too: connections that Dorsal makes have an empty sql_mode, so without NO_BACKSLASH_ESCAPES.
    package func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }
}
