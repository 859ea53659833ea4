import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

/// What `dorsal doctor` finds on real servers, and that what it says helps.
@Suite("The doctor")
struct DoctorTests {
    @Test("All is well: every group is looked at, and nothing is left behind", arguments: TestServer.allCases)
    func well(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            let before = try await scenario.lost.executed()
            let files = S3Scenario.files(in: scenario.repository)
            let result = try await scenario.dorsal("doctor")
            #expect(result.status == 0, "\(result.all)")
            #expect(result.objects("check").allSatisfy { $0["state"] as? String == "ok" }, "\(result.all)")
            let groups = Set(result.objects("check").compactMap { $0["group"] as? String })
            #expect(
                groups == ["configuration", "server", "engine", "repository", "backups", "peers", "restore"]
            )
            #expect(result.objects("summary").last?["failed"] as? Int == 0)
            #expect(result.objects("summary").last?["backup_age"] != nil)
            // The peers' own writes come in meanwhile; this server writes nothing of its own.
            #expect(try await scenario.lost.executed() == before)
            #expect(S3Scenario.files(in: scenario.repository) == files)

            let some = try await scenario.dorsal("doctor", "--only", "peers,backups")
            #expect(some.status == 0, "\(some.all)")
            #expect(Set(some.objects("check").compactMap { $0["group"] as? String }) == ["backups", "peers"])
        }
    }

    @Test("Without a backup it warns, and does not install the plugin that the first one will")
    func beforeTheFirst() async throws {
        try await Scenario.with(.mysql) { scenario in
            let result = try await scenario.dorsal("doctor")
            #expect(result.status == 2, "\(result.all)")
            #expect(result.checks("warning") == ["newest backup"], "\(result.all)")
            #expect(result.check("engine", "detail").contains("the first backup installs"))
            #expect(result.check("repository.local", "detail").contains("is not there yet"))
            #expect(!FileManager.default.fileExists(atPath: scenario.repository))
            let plugin = "SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = 'clone'"
            #expect(try await scenario.lost.value(plugin) == "0")
        }
    }

    @Test(
        "Server down, wrong password: 6, and the other groups are looked at all the same",
        arguments: TestServer.allCases
    )
    func unreachable(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try Scenario.write("wrong", to: "\(scenario.folder)/password", mode: 0o600)
            let refused = try await scenario.dorsal("doctor")
            #expect(refused.status == 6, "\(refused.all)")
            #expect(refused.check("server", "detail").contains("refused the login"))
            #expect(refused.check("server", "detail").contains("Access denied"))
            #expect(refused.check("peer 127.0.0.1:\(scenario.peer.port) history", "state") == "ok")
            try Scenario.write(Scenario.password, to: "\(scenario.folder)/password", mode: 0o600)

            try await scenario.lost.stop()
            let down = try await scenario.dorsal("doctor")
            #expect(down.status == 6, "\(down.all)")
            #expect(down.checks("failed") == ["server"], "\(down.all)")
            #expect(down.check("server", "hint").contains("is the server running"))

            let plugin = try await DorsalProcess.run(
                ["doctor", "--nagios", "--config", scenario.configurationFile],
                folder: scenario.folder
            )
            #expect(plugin.status == 2)
            #expect(plugin.out.hasPrefix("DORSAL CRITICAL - orders: "), "\(plugin.all)")
            #expect(plugin.out.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test("A server that hangs, and a password command that does, end as no answer")
    func hung() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let pid = try #require(await scenario.lost.pid)
            kill(pid, SIGSTOP)
            defer { kill(pid, SIGCONT) }
            let server = try await scenario.dorsal("doctor", "--only", "server,engine")
            #expect(server.status == 6, "\(server.all)")
            #expect(server.checks("failed") == ["server"])
            kill(pid, SIGCONT)
            let text = try String(contentsOfFile: scenario.configurationFile, encoding: .utf8)
            let command = text.replacing(
                "password_file: \(scenario.folder)/password\n",
                with: "password_command: sleep 60\n"
            )
            try Scenario.write(command, to: scenario.configurationFile, mode: 0o600)
            let secret = try await scenario.dorsal("doctor", "--only", "server")
            #expect(secret.status == 64, "\(secret.all)")
            #expect(secret.check("server", "detail").contains("did not end within"))
        }
    }

    @Test("Missing privileges are spelled out, and what is printed helps", arguments: TestServer.allCases)
    func privileges(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lost.query(
                "SET SESSION sql_log_bin = 0",
                "CREATE USER 'meagre'@'localhost' IDENTIFIED BY '\(Scenario.password)'",
                "GRANT RELOAD ON *.* TO 'meagre'@'localhost'"
            )
            try await scenario.peer.query(
                "SET SESSION sql_log_bin = 0",
                "REVOKE \(server == .mysql ? "REPLICATION CLIENT" : "SLAVE MONITOR") ON *.* FROM 'repl'@'%'"
            )
            try scenario.configure(instance: ["user": "meagre"])
            let peer = "peer 127.0.0.1:\(scenario.peer.port) privileges"
            let result = try await scenario.dorsal("doctor")
            #expect(result.status == 6, "\(result.all)")
            #expect(result.check("privileges for backups", "state") == "failed")
            #expect(result.check("privileges for restores", "state") == "warning")
            #expect(result.check(peer, "state") == "warning", "\(result.all)")
            for name in ["privileges for backups", "privileges for restores"] {
                try await Self.execute(result.check(name, "hint"), on: scenario.lost)
            }
            try await Self.execute(result.check(peer, "hint"), on: scenario.peer)
            let granted = try await scenario.dorsal("doctor")
            #expect(granted.status == 0, "\(granted.all)")
        }
    }

    private static func execute(_ hint: String, on server: SandboxServer) async throws {
        let grant = try #require(hint.firstMatch(of: #/GRANT [^;]+;/#)?.0, "\(hint)")
        try await server.query("SET SESSION sql_log_bin = 0", String(grant.dropLast()))
    }

    @Test("Binary logs off, and logs that go too soon", arguments: TestServer.allCases)
    func binlogs(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lost.query("SET GLOBAL binlog_expire_logs_seconds = 3600")
            let soon = try await scenario.dorsal("doctor", "--only", "server")
            #expect(soon.status == 2, "\(soon.all)")
            #expect(soon.checks("warning") == ["binary log expiry"], "\(soon.all)")
            try await scenario.lost.stop()
            try await scenario.lost.start(options: [
                "--skip-log-bin", server == .mysql ? "--log-replica-updates=0" : "--log-slave-updates=0",
            ])
            let off = try await scenario.dorsal("doctor", "--only", "server")
            #expect(off.status == 6, "\(off.all)")
            #expect(off.checks("failed") == ["binary logs"], "\(off.all)")
            #expect(off.check("binary logs", "hint").contains("log_bin"))
        }
    }

    @Test("GTIDs off, and a table that a clone would leave empty")
    func mysqlSettings() async throws {
        try await Scenario.with(.mysql) { scenario in
            try await scenario.lost.query(
                "STOP REPLICA",
                "CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION = 0 FOR CHANNEL 'source-2'",
                "SET GLOBAL gtid_mode = ON_PERMISSIVE",
                "CREATE TABLE shop.old (id INT) ENGINE=MyISAM"
            )
            let result = try await scenario.dorsal("doctor", "--only", "server,engine")
            #expect(result.status == 6, "\(result.all)")
            #expect(result.checks("failed") == ["GTIDs", "engine"], "\(result.all)")
            #expect(result.check("engine", "detail").contains("shop.old (MyISAM)"))
        }
    }

    @Test("Peers: down, without history, with this server's own id, not logging what they receive")
    func peers() async throws {
        try await Scenario.with(.mariadb, servers: 3) { scenario in
            try await scenario.backUp()
            try await scenario.insert("after the backup")
            for peer in scenario.peers { try await SandboxGroup.waitUntil(peer, has: scenario.lost) }
            let names = scenario.peers.map { "peer 127.0.0.1:\($0.port)" }
            try await scenario.peers[0].stop()
            let down = try await scenario.dorsal("doctor", "--only", "peers")
            #expect(down.status == 6, "\(down.all)")
            #expect(down.checks("failed") == [names[0]], "\(down.all)")
            #expect(down.check("\(names[1]) history", "state") == "ok")

            try await scenario.peers[0].start(options: ["--server-id=1", "--log-slave-updates=0"])
            let same = try await scenario.dorsal("doctor", "--only", "peers")
            #expect(same.status == 6, "\(same.all)")
            #expect(same.checks("failed").contains("\(names[0]) server-id"), "\(same.all)")
            #expect(same.checks("warning").contains("\(names[0]) binary logs"), "\(same.all)")
        }
    }

    @Test("History that the newest backup lacks and a peer has purged", arguments: TestServer.allCases)
    func purged(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 3) { scenario in
            try await scenario.backUp()
            try await scenario.insert("after the backup")
            for peer in scenario.peers { try await SandboxGroup.waitUntil(peer, has: scenario.lost) }
            let names = scenario.peers.map { "peer 127.0.0.1:\($0.port) history" }
            try await scenario.purge(scenario.peers[0])
            let one = try await scenario.dorsal("doctor", "--only", "peers")
            #expect(one.status == 2, "\(one.all)")
            #expect(one.checks("warning") == [names[0]], "\(one.all)")
            #expect(one.check(names[0], "detail").contains("127.0.0.1:\(scenario.peers[1].port)"))
            try await scenario.purge(scenario.peers[1])
            let both = try await scenario.dorsal("doctor", "--only", "peers")
            #expect(both.status == 8, "\(both.all)")
            #expect(both.checks("failed") == names, "\(both.all)")
            // A backup holds it from now on, as the hint says.
            try await scenario.backUp()
            let saved = try await scenario.dorsal("doctor", "--only", "peers")
            #expect(saved.status == 0, "\(saved.all)")
        }
    }

    @Test("A repository below a file, a damaged newest backup, a backup that is going on")
    func repository() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let running = try await scenario.dorsal("backup", syncPoint: "snapshot") { paused in
                let during = try await scenario.dorsal("doctor", "--only", "repository")
                #expect(during.status == 0, "\(during.all)")
                #expect(during.check("lock", "detail").contains("is locked by process \(paused.pid) on "))
                paused.resume()
            }
            #expect(running.status == 0, "\(running.all)")
            try FileManager.default.removeItem(atPath: scenario.package())
            let damaged = try await scenario.dorsal("doctor", "--only", "backups,repository")
            #expect(damaged.status == 2, "\(damaged.all)")
            #expect(damaged.check("newest backup", "detail").contains("is missing"))

            try Scenario.write("a file", to: "\(scenario.folder)/file", mode: 0o600)
            try scenario.configure(repository: ["local: \(scenario.folder)/file/backups"])
            let below = try await scenario.dorsal("doctor", "--only", "repository")
            #expect(below.status == 5, "\(below.all)")
            #expect(below.checks("failed") == ["repository.local"], "\(below.all)")
        }
    }

    @Test(
        "S3: all is well; wrong bucket; wrong secret; nobody there",
        .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"),
        arguments: TestServer.allCases
    )
    func bucket(_ server: TestServer) async throws {
        try await S3Scenario.with(server, .seaweedfs) { s3 in
            try s3.configure(keepsLocal: true)
            try await s3.scenario.backUp()
            let keys = try await s3.keys()
            let well = try await s3.scenario.dorsal("doctor")
            #expect(well.status == 0, "\(well.all)")
            #expect(well.check("S3 conditional put", "detail") == "supported")
            #expect(well.check("S3 unfinished uploads", "detail") == "none")
            #expect(well.check("newest backup", "detail").contains("s3://"))
            #expect(try await s3.keys() == keys)

            try s3.configure(keepsLocal: true, s3: ["bucket": "no-such-bucket"])
            let bucket = try await s3.scenario.dorsal("doctor", "--only", "s3")
            #expect(bucket.status == 5, "\(bucket.all)")
            #expect(bucket.check("S3", "detail").contains("no-such-bucket"))
            try s3.configure(keepsLocal: true)
            try Scenario.write("wrong", to: "\(s3.scenario.folder)/secret-key", mode: 0o600)
            let secret = try await s3.scenario.dorsal("doctor", "--only", "s3")
            #expect(secret.status == 5, "\(secret.all)")
            #expect(secret.check("S3", "detail").contains("secret key"))
            #expect(!secret.all.contains("wrong\""))
            try s3.configure(keepsLocal: true, s3: ["endpoint": "http://127.0.0.1:\(try ListeningSocket.freePort())"])
            let nobody = try await s3.scenario.dorsal("doctor", "--only", "s3,backups")
            #expect(nobody.status == 4, "\(nobody.all)")
            #expect(nobody.check("newest backup", "state") == "ok")
        }
    }
}

extension DorsalResult {
    /// The names of the checks that were found in a state.
    func checks(_ state: String) -> [String] {
        self.objects("check").filter { $0["state"] as? String == state }.compactMap { $0["name"] as? String }
    }

    /// What a check says under a key.
    func check(_ name: String, _ key: String) -> String {
        self.objects("check").first { $0["name"] as? String == name }?[key] as? String ?? ""
    }
}
