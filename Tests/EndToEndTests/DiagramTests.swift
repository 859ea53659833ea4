import Binlog
import Database
import Foundation
import GTID
import Sandbox
import TestSupport
import Testing

/// The main job: a server is backed up and lost, and comes back with what only its peer still had.
@Suite("The diagram") struct DiagramTests {
    @Test("A lost server comes back complete, its own last write included", arguments: TestServer.allCases)
    func lostServerComesBack(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let oldUUID = try await scenario.lost.uuid()
            let backup = try await scenario.whileWriting(on: scenario.group.servers) {
                try await scenario.dorsal("backup")
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.insert("only the peer knows")
            try await scenario.insert("the own write of the peer", on: scenario.peer)
            try await SandboxGroup.waitUntil(scenario.lost, has: scenario.peer)
            try await scenario.lose()

            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try Self.checkProof(restore, server)
            try Self.checkBinlogs(scenario, restore)
            try await Self.checkAfterStart(scenario, oldUUID: oldUUID)
        }
    }

    private static func checkProof(_ restore: DorsalResult, _ server: TestServer) throws {
        let expected = try GTIDSet(parsing: restore.summary("gtid", "expected") ?? "", flavor: server.flavor)
        let executed = try GTIDSet(parsing: restore.summary("gtid", "executed") ?? "", flavor: server.flavor)
        #expect(!executed.isEmpty)
        #expect(executed == expected)
        #expect(restore.summary("gtid", "missing") == "")
        #expect(restore.summary("gtid", "extra") == "")
    }

    /// No event of a transaction may carry the temporary server-id.
    private static func checkBinlogs(_ scenario: Scenario, _ restore: DorsalResult) throws {
        let temporary = try #require(restore.objects("summary").last?["temporary_server_id"] as? Int)
        let names = try FileManager.default.contentsOfDirectory(atPath: scenario.lost.dataDirectory)
            .filter { $0.wholeMatch(of: #/mysql-bin\.\d+/#) != nil }
        #expect(names.count >= 2)
        for name in names {
            let summary = try BinlogSummary.scan(
                path: "\(scenario.lost.dataDirectory)/\(name)",
                flavor: scenario.server.flavor
            )
            #expect(!summary.serverIDs.contains(UInt32(temporary)))
        }
    }

    private static func checkAfterStart(_ scenario: Scenario, oldUUID: String?) async throws {
        try await scenario.startRestored()
        #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        #expect(try await scenario.has("the own write of the peer", on: scenario.lost))
        if scenario.server == .mysql {
            let newUUID = try await scenario.lost.uuid()
            #expect(newUUID != nil && newUUID != oldUUID)
        }
        #expect(try await scenario.lost.value("SELECT @@GLOBAL.server_id") == "1")
        try await scenario.insert("a new write")
        try await SandboxGroup.waitUntil(scenario.peer, has: scenario.lost)
        try await scenario.insert("the new write of the peer", on: scenario.peer)
        try await SandboxGroup.waitUntil(scenario.lost, has: scenario.peer)
        #expect(try await scenario.has("a new write", on: scenario.peer))
        #expect(try await scenario.has("the new write of the peer", on: scenario.lost))
        let sums = (try await scenario.checksums(of: scenario.lost), try await scenario.checksums(of: scenario.peer))
        #expect(!sums.0.isEmpty)
        #expect(sums.0 == sums.1)
    }

    @Test("Writes go on at the peer while the server is restored", arguments: TestServer.allCases)
    func writesDuringRestore(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let restore = try await scenario.whileWriting(on: scenario.peers) { try await scenario.dorsal("restore") }
            try #require(restore.status == 0, "\(restore.all)")
            try Self.checkProof(restore, server)
            try await scenario.startRestored()
            try await SandboxGroup.waitUntil(scenario.lost, has: scenario.peer)
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
            #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
        }
    }

    @Test("Each step holds the GTID set that the diagram says", arguments: TestServer.allCases)
    func diagramAsSets(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.insert("in the data")
            let data = try await scenario.lost.executed()
            let sets = StepSets()
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await scenario.insert("in the binary logs only")
                await sets.set(try await scenario.lost.executed())
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            let binlog = try #require(await sets.value)
            #expect(try GTIDSet(parsing: backup.summary("gtid", "data") ?? "", flavor: server.flavor) == data)
            #expect(try GTIDSet(parsing: backup.summary("gtid", "binlog") ?? "", flavor: server.flavor) == binlog)
            try await scenario.insert("with the peer only")
            let all = try await scenario.lost.executed()
            try await scenario.lose()

            let replayed = try await scenario.dorsal("restore", "--no-catch-up")
            try #require(replayed.status == 0, "\(replayed.all)")
            #expect(try GTIDSet(parsing: replayed.summary("gtid", "executed") ?? "", flavor: server.flavor) == binlog)

            let restored = try await scenario.dorsal("restore")
            try #require(restored.status == 0, "\(restored.all)")
            #expect(try GTIDSet(parsing: restored.summary("gtid", "executed") ?? "", flavor: server.flavor) == all)
            try await scenario.startRestored()
            #expect(try await scenario.lost.executed().contains(all))
            for note in ["in the data", "in the binary logs only", "with the peer only"] {
                #expect(try await scenario.has(note, on: scenario.lost))
            }
        }
    }
}

/// A set that a closure hands out.
private actor StepSets {
    private(set) var value: GTIDSet?
    func set(_ value: GTIDSet) { self.value = value }
}
