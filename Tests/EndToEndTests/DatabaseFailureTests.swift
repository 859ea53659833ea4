import Foundation
import Sandbox
import TestSupport
import Testing

/// A user's first mistakes with the server: each ends with 6 and says what to do.
@Suite("Database failures") struct DatabaseFailureTests {
    @Test("Wrong password, wrong socket, missing privilege, server down", arguments: TestServer.allCases)
    func mistakes(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await Self.wrongPassword(scenario)
            try await Self.wrongSocket(scenario)
            try await Self.missingPrivileges(scenario)
            try await scenario.lost.stop()
            let down = try await scenario.dorsal("backup")
            #expect(down.status == 6, "\(down.all)")
            #expect(down.error("message").contains("no server answers"))
            #expect(down.error("hint").contains("is the server running"))
            #expect(try scenario.backupIDs().isEmpty)
        }
    }

    private static func wrongPassword(_ scenario: Scenario) async throws {
        try Scenario.write("wrong", to: "\(scenario.folder)/password", mode: 0o600)
        let result = try await scenario.dorsal("backup")
        #expect(result.status == 6, "\(result.all)")
        #expect(result.error("message").contains("refused the login"))
        #expect(result.error("cause").contains("Access denied"))
        #expect(result.error("hint").contains("password file"))
        try Scenario.write(Scenario.password, to: "\(scenario.folder)/password", mode: 0o600)
    }

    private static func wrongSocket(_ scenario: Scenario) async throws {
        try scenario.configure(instance: ["socket": "\(scenario.folder)/nothing-here"])
        let result = try await scenario.dorsal("backup")
        #expect(result.status == 6, "\(result.all)")
        #expect(result.error("message").contains("\(scenario.folder)/nothing-here"))
        #expect(result.error("hint").contains("socket"))
        try scenario.configure()
    }

    private static func missingPrivileges(_ scenario: Scenario) async throws {
        try await scenario.lost.query(
            "SET SESSION sql_log_bin = 0",
            "CREATE USER 'meagre'@'localhost' IDENTIFIED BY '\(Scenario.password)'",
            "GRANT RELOAD ON *.* TO 'meagre'@'localhost'"
        )
        try scenario.configure(instance: ["user": "meagre"])
        let result = try await scenario.dorsal("backup")
        #expect(result.status == 6, "\(result.all)")
        let hint = result.error("hint")
        #expect(hint.contains("GRANT ") && hint.contains("REPLICATION SLAVE") && hint.contains("meagre"))

        // What the hint says is what it takes.
        let grant = try #require(hint.firstMatch(of: #/GRANT [^;]+;/#)?.0)
        try await scenario.lost.query(String(grant.dropLast()))
        if scenario.server == .mysql {
            try await scenario.lost.query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'")
        }
        let granted = try await scenario.dorsal("backup")
        #expect([0, 2].contains(granted.status), "\(granted.all)")
        for id in try scenario.backupIDs() {
            try FileManager.default.removeItem(atPath: "\(scenario.instanceFolder)/\(id)")
        }
        try scenario.configure()
    }

    @Test("Binary logs off", arguments: TestServer.allCases)
    func binlogsOff(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.lost.stop()
            try await scenario.lost.start(options: [
                "--skip-log-bin", server == .mysql ? "--log-replica-updates=0" : "--log-slave-updates=0",
            ])
            let result = try await scenario.dorsal("backup")
            #expect(result.status == 6, "\(result.all)")
            #expect(result.error("message").contains("binary logs are off"))
            #expect(result.error("hint").contains("log_bin"))
            #expect(try scenario.backupIDs().isEmpty)
        }
    }

    @Test("GTIDs off")
    func gtidsOff() async throws {
        try await Scenario.with(.mysql) { scenario in
            try await scenario.lost.query(
                "STOP REPLICA",
                "CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION = 0 FOR CHANNEL 'source-2'",
                "SET GLOBAL gtid_mode = ON_PERMISSIVE"
            )
            let result = try await scenario.dorsal("backup")
            #expect(result.status == 6, "\(result.all)")
            #expect(result.error("cause").contains("ON_PERMISSIVE"))
        }
    }
}
