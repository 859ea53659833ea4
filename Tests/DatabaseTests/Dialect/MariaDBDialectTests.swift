import Database
import Failures
import GTID
import Testing

@Suite("MariaDB's statements, version by version")
struct MariaDBDialectTests {
    @Test("A channel finds its position by GTID", arguments: Words.mariadb)
    func setUp(_ version: ServerVersion) {
        let source = ChannelSource(channel: "source-2", host: "db2", port: 3307, user: "repl", password: Secret("word"))
        let expected =
            "CHANGE MASTER 'source-2' TO MASTER_HOST = 'db2', MASTER_PORT = 3307, MASTER_USER = 'repl', "
            + "MASTER_PASSWORD = 'word', MASTER_USE_GTID = slave_pos"
        #expect(version.dialect.setUp(source) == expected)
        #expect(version.dialect.positionByGTID("c") == "CHANGE MASTER 'c' TO MASTER_USE_GTID = slave_pos")
    }

    @Test("Channels are named before what is done to them", arguments: Words.mariadb)
    func channelStatements(_ version: ServerVersion) {
        let dialect = version.dialect
        #expect(dialect.channelStatus == "SHOW ALL SLAVES STATUS")
        #expect(dialect.start("c") == "START SLAVE 'c'")
        #expect(dialect.startApplier("c") == "START SLAVE 'c' SQL_THREAD")
        #expect(dialect.stop("c") == "STOP SLAVE 'c'")
        #expect(dialect.stopReceiver("c") == "STOP SLAVE 'c' IO_THREAD")
        #expect(dialect.reset("c") == "RESET SLAVE 'c'")
        #expect(dialect.forget("c") == "RESET SLAVE 'c' ALL")
    }

    @Test("Quotes and backslashes end no literal", arguments: Words.mariadb)
    func quoting(_ version: ServerVersion) {
        let statement = version.dialect.setUp(hostileSource)
        #expect(statement.hasPrefix("CHANGE MASTER 'it''s' TO MASTER_HOST = 'db''1\\\\', "))
        #expect(statement.contains("MASTER_USER = 're\\\\pl', "))
        #expect(statement.contains("MASTER_PASSWORD = 'pa''ss\\\\''; DROP TABLE x; -- ', "))
        #expect(version.dialect.stop("a'b\\") == "STOP SLAVE 'a''b\\\\'")
        #expect(
            MariaDBDialect(version: version).setReplicaPosition("0-1-5'") == "SET GLOBAL gtid_slave_pos = '0-1-5'''"
        )
    }

    @Test("The replay's channel takes no position from GTIDs and logs in nowhere", arguments: Words.mariadb)
    func replayChannel(_ version: ServerVersion) {
        let expected =
            "CHANGE MASTER 'restore' TO MASTER_HOST = '127.0.0.1', MASTER_USER = 'none', MASTER_USE_GTID = no"
        #expect(MariaDBDialect(version: version).makeReplayChannel == expected)
    }

    @Test("Sets, dumps and privileges", arguments: Words.mariadb)
    func queries(_ version: ServerVersion) {
        let dialect = version.dialect
        #expect(dialect.flavor == .mariadb)
        #expect(dialect.executedSet.contains("@@GLOBAL.gtid_binlog_pos"))
        #expect(dialect.executedSet.contains("@@GLOBAL.gtid_slave_pos"))
        #expect(!dialect.executedSet.contains("gtid_current_pos"))
        #expect(dialect.purgedSet == nil)
        #expect(dialect.dumpFlags == 3)
        #expect(
            dialect.dumpPreparation == [
                "SET @master_binlog_checksum = @@GLOBAL.binlog_checksum", "SET @mariadb_slave_capability = 4",
            ]
        )
        #expect(dialect.backupPrivileges == ["BINLOG MONITOR", "REPLICATION SLAVE", "SLAVE MONITOR"])
        #expect(
            dialect.restorePrivileges
                == ["REPLICATION SLAVE ADMIN", "SLAVE MONITOR", "BINLOG MONITOR", "READ_ONLY ADMIN"]
        )
    }
}
