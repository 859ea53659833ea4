import Database
import GTID
import Testing

@Suite("Options of temporary servers")
struct ServerOptionTests {
    private static let settings = ReplaySettings(temporaryServerID: 100_003_306, workers: 6)

    private func everyStart(_ dialect: any Dialect) -> [[String]] {
        [
            dialect.quietOptions(temporaryServerID: 100_003_306), dialect.replayOptions(Self.settings),
            dialect.rejoinOptions(temporaryServerID: 100_003_306, hasSeveralPeers: true),
        ]
    }

    /// Those without which a temporary server can be reached, writes, or runs with the real server-id.
    @Test("Every temporary server of MySQL is unreachable, read-only and quiet", arguments: Words.mysql)
    func mysqlIsQuiet(_ words: Words) {
        for options in self.everyStart(words.version.dialect) {
            let needed = [
                "--skip-networking", "--skip-\(words.option)-start", "--super-read-only=ON",
                "--server-id=100003306", "--event-scheduler=OFF", "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON", "--loose-mysqlx=OFF",
                "--loose-group-replication-start-on-boot=OFF",
            ]
            for option in needed { #expect(options.filter { $0 == option }.count == 1, "\(option)") }
            #expect(options.contains("--persisted-globals-load=OFF") == words.persists)
        }
    }

    @Test("Every temporary server of MariaDB is unreachable, read-only and quiet", arguments: Words.mariadb)
    func mariadbIsQuiet(_ version: ServerVersion) {
        for options in self.everyStart(version.dialect) {
            let needed = [
                "--skip-networking", "--skip-slave-start", "--read-only=1", "--server-id=100003306",
                "--event-scheduler=OFF", "--loose-wsrep-on=OFF",
            ]
            for option in needed { #expect(options.filter { $0 == option }.count == 1, "\(option)") }
        }
    }

    /// Multi-source replication needs the tables; up to 5.7 files are the default, and a file may be set until 8.0.
    @Test("Channels are kept in tables wherever they could be kept in files", arguments: Words.mysql)
    func repositories(_ words: Words) {
        let needed = ["--loose-master-info-repository=TABLE", "--loose-relay-log-info-repository=TABLE"]
        for options in self.everyStart(words.version.dialect) {
            let found = options.filter { $0.contains("info-repository") }
            #expect(found == (words.version.isAtLeast(8, 4) ? [] : needed))
        }
    }

    @Test("MySQL replays in parallel, without a log of its own", arguments: Words.mysql)
    func mysqlReplay(_ words: Words) {
        let options = words.version.dialect.replayOptions(Self.settings)
        // Both spellings are the same switch in every version: "skip" and "disable" are prefixes of any option.
        #expect(options.filter { ["--skip-log-bin", "--disable-log-bin"].contains($0) }.count == 1)
        #expect(!options.contains { $0.hasPrefix("--log-bin") })
        #expect(options.contains("--relay-log=replay"))
        #expect(options.contains("--relay-log-recovery=0"))
        #expect(options.contains("--\(words.option)-parallel-workers=6"))
        #expect(options.contains("--loose-\(words.option)-parallel-type=LOGICAL_CLOCK"))
        // With the commit order kept, 5.7 would ask for a binary log.
        #expect(options.contains("--\(words.option)-preserve-commit-order=OFF"))
        let other = words.option == "slave" ? "replica" : "slave"
        #expect(!options.contains { $0.contains("-\(other)-") })
    }

    @Test("MariaDB replays without a log of its own", arguments: Words.mariadb)
    func mariadbReplay(_ version: ServerVersion) {
        let options = version.dialect.replayOptions(Self.settings)
        let needed = [
            "--skip-log-bin", "--skip-log-slave-updates", "--relay-log=replay", "--relay-log-recovery=0",
            "--slave-parallel-threads=6",
        ]
        for option in needed { #expect(options.contains(option), "\(option)") }
        #expect(!options.contains { $0.contains("replica") })
    }

    @Test("A replay writes nothing before it must, in the memory that it is given", arguments: Words.all)
    func replaySizes(_ version: ServerVersion) {
        let plain = version.dialect.replayOptions(Self.settings)
        let speed = [
            "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF", "--performance-schema=OFF",
            "--loose-innodb-flush-method=fsync",
        ]
        for option in speed {
            #expect(plain.contains(option), "\(option)")
        }
        // The server's own sizes stay, and a rejoin has its own durability.
        #expect(!plain.contains { $0.contains("size") || $0.contains("capacity") })
        let rejoin = version.dialect.rejoinOptions(temporaryServerID: 100_003_306, hasSeveralPeers: false)
        #expect(!rejoin.contains { $0.hasPrefix("--innodb") || $0.hasPrefix("--sync") })
        let sized = version.dialect.replayOptions(
            ReplaySettings(temporaryServerID: 1, workers: 6, bufferPool: 1 << 30, redoLog: 1 << 29)
        )
        #expect(sized.contains("--innodb-buffer-pool-size=1073741824"))
        let redo = sized.filter { $0.contains("-log-file-size=") || $0.contains("-redo-log-capacity=") }
        switch version.flavor {
        case .mariadb: #expect(redo == ["--innodb-log-file-size=536870912"])
        case .mysql where version.isAtLeast(8, 0, 30): #expect(redo == ["--innodb-redo-log-capacity=536870912"])
        case .mysql: #expect(redo == ["--innodb-log-file-size=268435456"])
        }
    }

    @Test("A rejoin logs what it receives, where the instance logs", arguments: Words.all)
    func rejoin(_ version: ServerVersion) {
        let isNew = Words.mysql.contains { $0.version == version && $0.option == "replica" }
        let options = version.dialect.rejoinOptions(temporaryServerID: 100_003_306, hasSeveralPeers: true)
        #expect(options.contains("--log-\(isNew ? "replica" : "slave")-updates=ON"))
        #expect(options.contains("--gtid-ignore-duplicates=ON") == (version.flavor == .mariadb))
        #expect(!options.contains { $0.contains("log-bin") })
        let place = version.dialect.binlogOptions(base: "/d/my-bin", index: "/d/my-bin.index")
        #expect(place == ["--log-bin=/d/my-bin", "--log-bin-index=/d/my-bin.index"])
    }

    @Test("No option is given twice", arguments: Words.all)
    func unique(_ version: ServerVersion) {
        for options in self.everyStart(version.dialect) {
            let names = options.map { $0.split(separator: "=")[0] }
            #expect(Set(names).count == names.count)
        }
    }
}
