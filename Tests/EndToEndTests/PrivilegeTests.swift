import Database
import Foundation
import GTID
import Sandbox
import TestSupport
import Testing

/// The privileges that the documentation names are enough for the whole job.
@Suite("Privileges in use") struct PrivilegeTests {
    @Test("A user with nothing but the named privileges backs up and restores", arguments: TestServer.allCases)
    func least(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let dialect = scenario.lost.dialect
            let engine =
                server == .mysql
                ? ["BACKUP_ADMIN", "SELECT"] : ["RELOAD", "PROCESS", "LOCK TABLES", "SLAVE MONITOR"]
            let privileges = Set(dialect.backupPrivileges + dialect.restorePrivileges + engine).sorted()
            try await scenario.lost.query(
                "SET SESSION sql_log_bin = 0",
                "CREATE USER 'least'@'localhost' IDENTIFIED BY '\(Scenario.password)'",
                "GRANT \(privileges.joined(separator: ", ")) ON *.* TO 'least'@'localhost'"
            )
            if server == .mysql { try await scenario.lost.query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'") }
            try scenario.configure(instance: ["user": "least"])
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await scenario.insert("to be replayed")
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.has("to be replayed", on: scenario.lost))
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        }
    }
}
