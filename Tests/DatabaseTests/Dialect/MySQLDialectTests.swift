import Database
import Failures
import GTID
import Testing

@Suite("MySQL's statements, version by version")
struct MySQLDialectTests {
    @Test("A channel is made with the version's words", arguments: Words.mysql)
    func setUp(_ words: Words) {
        let source = ChannelSource(channel: "source-2", host: "db2", port: 3307, user: "repl", password: Secret("word"))
        let word = words.source
        let key = words.asksForKey ? ", GET_\(word)_PUBLIC_KEY = 1" : ""
        let expected =
            "\(words.change) \(word)_HOST = 'db2', \(word)_PORT = 3307, \(word)_USER = 'repl', "
            + "\(word)_PASSWORD = 'word', \(word)_AUTO_POSITION = 1\(key) FOR CHANNEL 'source-2'"
        #expect(words.version.dialect.setUp(source) == expected)
        #expect(
            words.version.dialect.positionByGTID("c")
                == "\(words.change) \(word)_AUTO_POSITION = 1 FOR CHANNEL 'c'"
        )
    }

    @Test("Channels are started, stopped and removed with the version's words", arguments: Words.mysql)
    func channelStatements(_ words: Words) {
        let dialect = words.version.dialect
        let word = words.replica
        #expect(dialect.channelStatus == "SHOW \(word) STATUS")
        #expect(dialect.start("c") == "START \(word) FOR CHANNEL 'c'")
        #expect(dialect.startApplier("c") == "START \(word) SQL_THREAD FOR CHANNEL 'c'")
        #expect(dialect.stop("c") == "STOP \(word) FOR CHANNEL 'c'")
        #expect(dialect.stopReceiver("c") == "STOP \(word) IO_THREAD FOR CHANNEL 'c'")
        #expect(dialect.reset("c") == "RESET \(word) FOR CHANNEL 'c'")
        #expect(dialect.forget("c") == "RESET \(word) ALL FOR CHANNEL 'c'")
    }

    @Test("The applier is pointed at the first relay log, from its first event", arguments: Words.mysql)
    func replayRelayLogs(_ words: Words) {
        let expected =
            "\(words.change) RELAY_LOG_FILE = './replay-restore.000001', RELAY_LOG_POS = 4, "
            + "\(words.source)_HOST = '127.0.0.1' FOR CHANNEL 'restore'"
        let dialect = MySQLDialect(version: words.version)
        #expect(dialect.replayRelayLogs(firstFile: "./replay-restore.000001") == expected)
    }

    @Test("Quotes and backslashes end no literal, whatever the version", arguments: Words.mysql)
    func quoting(_ words: Words) {
        let statement = words.version.dialect.setUp(hostileSource)
        #expect(statement.contains("_HOST = 'db''1\\\\', "))
        #expect(statement.contains("_USER = 're\\\\pl', "))
        #expect(statement.contains("_PASSWORD = 'pa''ss\\\\''; DROP TABLE x; -- ', "))
        #expect(statement.hasSuffix(" FOR CHANNEL 'it''s'"))
        #expect(words.version.dialect.forget("a'b\\") == "RESET \(words.replica) ALL FOR CHANNEL 'a''b\\\\'")
    }

    @Test("Sets, dumps and privileges", arguments: Words.mysql)
    func queries(_ words: Words) {
        let dialect = words.version.dialect
        #expect(dialect.flavor == .mysql)
        #expect(dialect.executedSet == "SELECT @@GLOBAL.gtid_executed")
        #expect(dialect.purgedSet == "SELECT @@GLOBAL.gtid_purged")
        #expect(dialect.dumpFlags == 1)
        #expect(dialect.dumpPreparation.count == 1)
        for name in ["@master_binlog_checksum", "@source_binlog_checksum"] {
            #expect(dialect.dumpPreparation[0].contains("\(name) = @@GLOBAL.binlog_checksum"))
        }
        #expect(dialect.backupPrivileges == ["REPLICATION CLIENT", "REPLICATION SLAVE"])
        let applying = words.persists ? "REPLICATION_SLAVE_ADMIN" : "SUPER"
        #expect(Set(dialect.restorePrivileges) == ["REPLICATION CLIENT", applying, "RELOAD", "SELECT"])
    }
}
