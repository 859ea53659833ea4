import Foundation
import Sandbox
import TestSupport
import Testing

/// Instances that are laid out in other ways.
@Suite("Layouts") struct LayoutTests {
    @Test("Binary logs outside the data directory: what survived there is kept", arguments: TestServer.allCases)
    func binlogsOutside(_ server: TestServer) async throws {
        try await Scenario.with(server, options: ["log-bin = ../binlog/outside"]) { scenario in
            try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let folder = "\(scenario.lost.folder)/binlog"
            let survived = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
                $0.hasPrefix("outside.")
            }
            #expect(!survived.isEmpty)
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let aside = try #require(names.first { $0.hasPrefix("before-") })
            #expect(Set(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(aside)")) == Set(survived))
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
            #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
        }
    }

    @Test("Persisted settings come back, and do not stand in the way of the temporary server-id")
    func persistedSettings() async throws {
        try await Scenario.with(.mysql) { scenario in
            try await scenario.lost.query("SET PERSIST max_connections = 77", "SET PERSIST server_id = 1")
            try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.lost.value("SELECT @@GLOBAL.max_connections") == "77")
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        }
    }

    @Test("Option files that are included come back where they were")
    func includedFiles() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let included = "\(scenario.lost.folder)/more.cnf"
            try Scenario.write("[mysqld]\nmax-connections = 66\n", to: included, mode: 0o644)
            let text = try String(contentsOfFile: scenario.lost.optionFile, encoding: .utf8)
            try Scenario.write(text + "!include \(included)\n", to: scenario.lost.optionFile, mode: 0o644)
            try await scenario.backUp()
            try await scenario.lose()
            try FileManager.default.removeItem(atPath: included)
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            #expect(try String(contentsOfFile: included, encoding: .utf8) == "[mysqld]\nmax-connections = 66\n")
            try await scenario.startRestored()
            #expect(try await scenario.lost.value("SELECT @@GLOBAL.max_connections") == "66")
        }
    }

    @Test("InnoDB's files outside the data directory are refused, and named")
    func innodbOutside() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.lost.stop()
            let log = "\(scenario.lost.dataDirectory)/ib_logfile0"
            try FileManager.default.moveItem(atPath: log, toPath: "\(scenario.lost.folder)/binlog/ib_logfile0")
            try await scenario.lost.start(options: ["--innodb-log-group-home-dir=\(scenario.lost.folder)/binlog"])
            let backup = try await scenario.dorsal("backup")
            #expect(backup.status == 3, "\(backup.all)")
            #expect(backup.error("cause").contains("innodb_log_group_home_dir"))
            #expect(try scenario.backupIDs().isEmpty)
        }
    }

    @Test("Replication filters do not filter the replay, and are warned of", arguments: TestServer.allCases)
    func replicationFilters(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let text = try String(contentsOfFile: scenario.lost.optionFile, encoding: .utf8)
            try Scenario.write(text + "replicate-ignore-db = shop\n", to: scenario.lost.optionFile, mode: 0o644)
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await scenario.insert("to be replayed")
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            #expect(restore.out.contains("replicate_ignore_db"))
            try await scenario.lost.start()
            #expect(try await scenario.has("to be replayed", on: scenario.lost))
        }
    }
}
