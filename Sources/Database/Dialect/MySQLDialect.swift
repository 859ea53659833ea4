import Failures
package import GTID

/// MySQL's and Percona Server's statements, from 5.7 on.
package struct MySQLDialect: Dialect {
    package let version: ServerVersion

    package init(version: ServerVersion) { self.version = version }

    package var flavor: GTIDFlavor { .mysql }

    /// START REPLICA and its kin, since 8.0.22.
    private var replica: String { self.version.isAtLeast(8, 0, 22) ? "REPLICA" : "SLAVE" }
    /// CHANGE REPLICATION SOURCE TO SOURCE_…, since 8.0.23.
    private var saysSource: Bool { self.version.isAtLeast(8, 0, 23) }
    private var source: String { self.saysSource ? "SOURCE" : "MASTER" }
    private var change: String { self.saysSource ? "CHANGE REPLICATION SOURCE TO" : "CHANGE MASTER TO" }
    /// System variables named replica_… instead of slave_…, since 8.0.26.
    private var optionWord: String { self.version.isAtLeast(8, 0, 26) ? "replica" : "slave" }

    package let executedSet = "SELECT @@GLOBAL.gtid_executed"
    package let purgedSet: String? = "SELECT @@GLOBAL.gtid_purged"
    package let dumpPreparation = [
        "SET @master_binlog_checksum = @@GLOBAL.binlog_checksum, @source_binlog_checksum = @@GLOBAL.binlog_checksum"
    ]
    /// BINLOG_DUMP_NON_BLOCK.
    package let dumpFlags: UInt32 = 1
    package var channelStatus: String { "SHOW \(self.replica) STATUS" }
    package let backupPrivileges = ["REPLICATION CLIENT", "REPLICATION SLAVE"]
    package var restorePrivileges: [String] {
        self.version.isAtLeast(8, 0)
            ? ["REPLICATION CLIENT", "REPLICATION_SLAVE_ADMIN", "RELOAD", "SELECT"]
            : ["SUPER", "REPLICATION CLIENT", "RELOAD", "SELECT"]
    }

    package func setUp(_ source: ChannelSource) -> String {
        let word = self.source
        var settings = [
            "\(word)_HOST = \(self.quoted(source.host))",
            "\(word)_PORT = \(source.port)",
            "\(word)_USER = \(self.quoted(source.user))",
            "\(word)_PASSWORD = \(self.quoted(source.password.reveal()))",
            "\(word)_AUTO_POSITION = 1",
        ]
        // caching_sha2_password without TLS needs the source's public key.
        if self.version.isAtLeast(8, 0, 4) { settings.append("GET_\(word)_PUBLIC_KEY = 1") }
        return "\(self.change) \(settings.joined(separator: ", ")) FOR CHANNEL \(self.quoted(source.channel))"
    }

    package func positionByGTID(_ channel: String) -> String {
        "\(self.change) \(self.source)_AUTO_POSITION = 1 FOR CHANNEL \(self.quoted(channel))"
    }

    /// Points a channel at relay logs that were put into the data directory, so that its applier replays them.
    package func replayRelayLogs(firstFile: String) -> String {
        """
        \(self.change) RELAY_LOG_FILE = \(self.quoted(firstFile)), RELAY_LOG_POS = 4, \(self.source)_HOST = '127.0.0.1' \
        FOR CHANNEL \(self.quoted(ReplaySettings.channel))
        """
    }

    package func start(_ channel: String) -> String { self.onChannel("START \(self.replica)", channel) }
    package func startApplier(_ channel: String) -> String {
        self.onChannel("START \(self.replica) SQL_THREAD", channel)
    }
    package func stop(_ channel: String) -> String { self.onChannel("STOP \(self.replica)", channel) }
    package func stopReceiver(_ channel: String) -> String {
        self.onChannel("STOP \(self.replica) IO_THREAD", channel)
    }
    package func reset(_ channel: String) -> String { self.onChannel("RESET \(self.replica)", channel) }
    package func forget(_ channel: String) -> String { self.onChannel("RESET \(self.replica) ALL", channel) }

    private func onChannel(_ statement: String, _ channel: String) -> String {
        "\(statement) FOR CHANNEL \(self.quoted(channel))"
    }

    package func quietOptions(temporaryServerID: UInt32) -> [String] {
        var options = [
            "--skip-networking",
            "--skip-\(self.optionWord)-start",
            "--super-read-only=ON",
            "--server-id=\(temporaryServerID)",
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
            "--event-scheduler=OFF",
            "--general-log=OFF",
            "--slow-query-log=OFF",
            "--loose-mysqlx=OFF",
            "--loose-group-replication-start-on-boot=OFF",
        ]
        // Persisted variables override the command line, the temporary server-id too.
        if self.version.isAtLeast(8, 0) { options.append("--persisted-globals-load=OFF") }
        // Channels beside the default one need the tables, but 5.7 keeps files unless told otherwise. (Error 3077; MySQL
        // 5.7 manual, "Multi-Source Replication".) The variables are gone since 8.3.
        if !self.version.isAtLeast(8, 3) {
            options += ["--loose-master-info-repository=TABLE", "--loose-relay-log-info-repository=TABLE"]
        }
        return options
    }

    package func replayOptions(_ settings: ReplaySettings) -> [String] {
        let word = self.optionWord
        var options = [
            self.version.isAtLeast(8, 0) ? "--skip-log-bin" : "--disable-log-bin",
            "--relay-log=\(ReplaySettings.relayLog)",
            "--relay-log-recovery=0",
            "--relay-log-purge=ON",
            "--\(word)-parallel-workers=\(settings.workers)",
            "--loose-\(word)-parallel-type=LOGICAL_CLOCK",
            // Nobody sees the gaps that there are meanwhile, and the replay has ended when there are none.
            "--\(word)-preserve-commit-order=OFF",
        ]
        if let redoLog = settings.redoLog { options.append(self.redoLogOption(redoLog)) }
        return self.quietOptions(temporaryServerID: settings.temporaryServerID) + settings.commonOptions + options
    }

    /// The redo log's whole size is one option since 8.0.30; before, it is that of one of its two files.
    private func redoLogOption(_ bytes: Int64) -> String {
        self.version.isAtLeast(8, 0, 30)
            ? "--innodb-redo-log-capacity=\(bytes)" : "--innodb-log-file-size=\(bytes / 2)"
    }

    package func rejoinOptions(temporaryServerID: UInt32, hasSeveralPeers: Bool) -> [String] {
        self.quietOptions(temporaryServerID: temporaryServerID) + ["--log-\(self.optionWord)-updates=ON"]
    }
}
