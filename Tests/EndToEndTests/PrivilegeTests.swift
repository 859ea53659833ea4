import Database
import Foundation
import GTID
import Sandbox
import TestSupport
import Testing

/// The privileges that the documentation names are enough for the whole job.
@Suite("Privileges in use") struct PrivilegeTests {
    /// The statements of the article for the instance and for a peer, with users and a password of this test.
    private static func documented(_ server: TestServer) throws -> (instance: [String], peer: [String]) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let text = try String(
            contentsOfFile: "\(root)/Sources/Dorsal/Documentation.docc/Privileges.md",
            encoding: .utf8
        )
        let section = text.components(separatedBy: "\n## ").first {
            $0.hasPrefix(server == .mysql ? "MySQL" : "MariaDB")
        }
        let blocks = section.map { $0.components(separatedBy: "```sql\n").dropFirst() } ?? []
        let statements = blocks.map { block in
            block.components(separatedBy: "```")[0].components(separatedBy: ";")
                .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
                .map { $0.replacing("'dorsal'@", with: "'least'@").replacing("'repl'@", with: "'least'@") }
                .map { $0.replacing(#/IDENTIFIED BY '[^']*'/#, with: "IDENTIFIED BY '\(Scenario.password)'") }
        }
        try #require(statements.count == 2)
        return (statements[0], statements[1])
    }

    @Test("A user with nothing but the named privileges backs up and restores", arguments: TestServer.allCases)
    func least(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let (instance, peer) = try Self.documented(server)
            try await scenario.lost.query(["SET SESSION sql_log_bin = 0"] + instance)
            try await scenario.peer.query(["SET SESSION sql_log_bin = 0"] + peer)
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
