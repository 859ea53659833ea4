import Failures
package import GTID

/// MariaDB's statements, from 10.5 on.
package struct MariaDBDialect: Dialect {
    package let version: ServerVersion

    package init(version: ServerVersion) { self.version = version }

    package var flavor: GTIDFlavor { .mariadb }

    // The binary log's position and the replicated one together: each lacks what only the other saw, and
    // gtid_current_pos leaves out events in the binary log of another server-id, as under a temporary one all are.
    package let executedSet = """
        SELECT CONCAT_WS(',', NULLIF(@@GLOBAL.gtid_binlog_pos, ''), NULLIF(@@GLOBAL.gtid_slave_pos, ''))
        """
    package let purgedSet: String? = nil
    package let dumpPreparation = [
        "SET @master_binlog_checksum = @@GLOBAL.binlog_checksum",
        // Otherwise GTID events are rewritten for old replicas (MariaDB documentation, "Replication protocol").
        "SET @mariadb_slave_capability = 4",
    ]
    /// BINLOG_DUMP_NON_BLOCK and BINLOG_SEND_ANNOTATE_ROWS_EVENT, without which those events are left out.
    package let dumpFlags: UInt32 = 1 | 2
    package let channelStatus = "SHOW ALL SLAVES STATUS"
    package let backupPrivileges = ["BINLOG MONITOR", "REPLICATION SLAVE", "SLAVE MONITOR"]
    package let restorePrivileges = [
        "REPLICATION SLAVE ADMIN", "SLAVE MONITOR", "BINLOG MONITOR", "READ_ONLY ADMIN",
    ]

    package func setUp(_ source: ChannelSource) -> String {
        """
        CHANGE MASTER \(self.quoted(source.channel)) TO MASTER_HOST = \(self.quoted(source.host)), \
        MASTER_PORT = \(source.port), MASTER_USER = \(self.quoted(source.user)), \
        MASTER_PASSWORD = \(self.quoted(source.password.reveal())), MASTER_USE_GTID = slave_pos
        """
    }

    package func positionByGTID(_ channel: String) -> String {
        "CHANGE MASTER \(self.quoted(channel)) TO MASTER_USE_GTID = slave_pos"
    }

    /// Has the server write a channel's files, which the replay then points at its relay logs.
    package var makeReplayChannel: String {
        """
        CHANGE MASTER \(self.quoted(ReplaySettings.channel)) TO MASTER_HOST = '127.0.0.1', MASTER_USER = 'none', \
        MASTER_USE_GTID = no
        """
    }

    /// Sets where the applier starts, as GTIDs of the data.
    package func setReplicaPosition(_ position: String) -> String {
        "SET GLOBAL gtid_slave_pos = \(self.quoted(position))"
    }

    package func start(_ channel: String) -> String { "START SLAVE \(self.quoted(channel))" }
    package func startApplier(_ channel: String) -> String { "START SLAVE \(self.quoted(channel)) SQL_THREAD" }
    package func stop(_ channel: String) -> String { "STOP SLAVE \(self.quoted(channel))" }
    package func stopReceiver(_ channel: String) -> String { "STOP SLAVE \(self.quoted(channel)) IO_THREAD" }
    package func reset(_ channel: String) -> String { "RESET SLAVE \(self.quoted(channel))" }
    package func forget(_ channel: String) -> String { "RESET SLAVE \(self.quoted(channel)) ALL" }

    package func quietOptions(temporaryServerID: UInt32) -> [String] {
        [
            "--skip-networking",
            "--skip-slave-start",
            "--read-only=1",
            "--server-id=\(temporaryServerID)",
            "--event-scheduler=OFF",
            "--general-log=OFF",
            "--slow-query-log=OFF",
            "--loose-wsrep-on=OFF",
        ]
    }

    package func replayOptions(_ settings: ReplaySettings) -> [String] {
        var options = [
            "--skip-log-bin",
            "--skip-log-slave-updates",
            "--relay-log=\(ReplaySettings.relayLog)",
            "--relay-log-recovery=0",
            "--slave-parallel-threads=\(settings.workers)",
            "--slave-parallel-mode=optimistic",
            "--sync-relay-log-info=0",
            "--sync-master-info=0",
        ]
        if let redoLog = settings.redoLog { options.append("--innodb-log-file-size=\(redoLog)") }
        return self.quietOptions(temporaryServerID: settings.temporaryServerID) + settings.commonOptions + options
    }

    package func rejoinOptions(temporaryServerID: UInt32, hasSeveralPeers: Bool) -> [String] {
        // Where nothing can come twice, nothing may be dropped as a duplicate.
        self.quietOptions(temporaryServerID: temporaryServerID) + [
            "--log-slave-updates=ON", "--gtid-ignore-duplicates=\(hasSeveralPeers ? "ON" : "OFF")",
        ]
    }
}
