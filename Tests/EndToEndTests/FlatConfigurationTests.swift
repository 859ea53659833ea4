import Database
import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

/// mysqlbackup.py's configuration works as it stands, and so does that tool's own test of completeness.
@Suite("mysqlbackup.py's configuration") struct FlatConfigurationTests {
    private static let insert = "insert into xp2.heartbeat (`key`, value, ts) values ('test-backup', '{v}', '{v}')"
    private static let select = "select value from xp2.heartbeat order by _id desc limit 2"

    @Test(
        "Values from before the data, from between, and from after the backup are all there",
        .enabled(
            if: access("/var/run", W_OK) == 0 || access("/var/run/mysqld", W_OK) == 0,
            "the socket's folder is not ours"
        ),
        arguments: TestServer.allCases
    )
    func completeness(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let flat = try await FlatInstance(scenario)
            defer { flat.removeSocketLink() }
            try await Self.insert("before the data", scenario)
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await Self.insert("between", scenario)
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try flat.checkLink()
            try await Self.insert("after the backup", scenario)
            try await scenario.lose()

            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.lost.query(Self.select).compactMap(\.first) == ["after the backup", "between"])
            let all = try await scenario.lost.query("select value from xp2.heartbeat order by _id")
            #expect(all.compactMap(\.first) == ["before the data", "between", "after the backup"])
        }
    }

    private static func insert(_ value: String, _ scenario: Scenario) async throws {
        try await scenario.lost.query(Self.insert.replacingOccurrences(of: "{v}", with: value))
    }
}

/// An instance that lies where mysqlbackup.py's derived paths say, with that tool's flat configuration.
///
/// On MySQL nothing is new in it: the channels come with the data. MariaDB keeps their passwords elsewhere, so there
/// `replication` names a login.
private struct FlatInstance {
    let scenario: Scenario
    let backups: String

    private var port: UInt16 { self.scenario.lost.port }
    private var socketLink: String { "/var/run/mysqld/mysqld-\(self.port).sock" }

    init(_ scenario: Scenario) async throws {
        self.scenario = scenario
        self.backups = "\(scenario.folder)/flat-backups"
        let base = "\(scenario.group.folder)/flat"
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(base)/mysql-\(self.port)",
            withDestinationPath: scenario.lost.dataDirectory
        )
        try FileManager.default.createDirectory(atPath: "/var/run/mysqld", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: self.socketLink,
            withDestinationPath: scenario.lost.socket
        )
        try await scenario.lost.query(
            "CREATE DATABASE xp2",
            """
            CREATE TABLE xp2.heartbeat \
            (_id BIGINT AUTO_INCREMENT PRIMARY KEY, `key` VARCHAR(40), value VARCHAR(40), ts VARCHAR(40))
            """
        )
        try self.writeConfiguration(base)
    }

    private func writeConfiguration(_ base: String) throws {
        let text = """
            mysql_base: \(self.scenario.lost.kind.installation.base ?? "/usr")
            host: 127.0.0.1
            data_base: \(base)
            backup_base: \(self.backups)
            port: \(self.port)
            instance_id: 1
            sql_test_insert: "insert into xp2.heartbeat (`key`, value, ts) values ('test-backup', '{v}', '{v}')"
            sql_test_get_2: "select value from xp2.heartbeat order by _id desc limit 2"

            """
        let login = """
            replication:
              user: \(SandboxTemplate.replicationUser)
              password_file: \(self.scenario.folder)/replication-password

            """
        try Scenario.write(
            self.scenario.server == .mysql ? text : text + login,
            to: self.scenario.configurationFile,
            mode: 0o644
        )
    }

    /// The package is where that tool's users look for it.
    func checkLink() throws {
        let link = "\(self.backups)/mysql-\(self.port).tgz"
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
        #expect(target.hasPrefix("mysql-\(self.port)/"))
        #expect(FileManager.default.fileExists(atPath: "\(self.backups)/\(target)"))
    }

    func removeSocketLink() { try? FileManager.default.removeItem(atPath: self.socketLink) }
}
