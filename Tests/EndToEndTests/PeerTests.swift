import Database
import Foundation
import GTID
import Glibc
import Sandbox
import TestSupport
import Testing

/// What becomes of a restore when peers are down or have lost history.
@Suite("Peers") struct PeerTests {
    @Test(
        "One of two peers is down: restored from the other, and the exit names the one",
        arguments: TestServer.allCases
    )
    func onePeerDown(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 3) { scenario in
            try await scenario.backUp()
            try await scenario.insert("only the peers know")
            try await scenario.lose()
            try await scenario.peers[0].stop(SIGKILL)

            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            let warning = restore.objects("event").compactMap { $0["message"] as? String }.joined()
            #expect(warning.contains("127.0.0.1:\(scenario.peers[0].port)"))
            let warnings = try #require(restore.objects("summary").last?["warnings"] as? [String])
            #expect(warnings.contains { $0.contains("127.0.0.1:\(scenario.peers[0].port) was not reached") })
            #expect(!warnings.contains { $0.contains("127.0.0.1:\(scenario.peers[1].port)") })
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peers know", on: scenario.lost))
        }
    }

    @Test("All peers are down: 9, as good as the backup; a catch-up later completes it", arguments: TestServer.allCases)
    func allPeersDown(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.insert("in the backup")
            let backup = try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            try await scenario.peer.stop()

            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 9, "\(restore.all)")
            #expect(restore.error("class") == "not-caught-up")
            #expect(restore.error("hint").contains("dorsal catch-up"))
            #expect(restore.summary("gtid", "executed") == backup.summary("gtid", "binlog"))
            #expect(restore.summary("gtid", "missing") == "")

            try await scenario.peer.start()
            let catchUp = try await scenario.dorsal("catch-up")
            try #require(catchUp.status == 0, "\(catchUp.all)")
            try await scenario.startRestored()
            #expect(try await scenario.has("in the backup", on: scenario.lost))
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        }
    }

    @Test("The only peer has purged what is needed: 8, with the missing set", arguments: TestServer.allCases)
    func onlyPeerPurged(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let backup = try await scenario.backUp()
            try await scenario.insert("purged at the peer")
            try await scenario.lose()
            try await scenario.purge(scenario.peer)

            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 8, "\(restore.all)")
            let held = try GTIDSet(parsing: backup.summary("gtid", "binlog") ?? "", flavor: server.flavor)
            let missing = try await scenario.peer.executed().subtracting(held)
            #expect(!missing.isEmpty)
            #expect(restore.summary("gtid", "missing") == missing.description)
            #expect(restore.error("message").contains(missing.description))
            #expect(restore.error("cause").contains("127.0.0.1:\(scenario.peer.port)"))
        }
    }

    @Test("One peer has purged what is needed, another has it: restored from that one", arguments: TestServer.allCases)
    func otherPeerHasIt(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 3) { scenario in
            try await scenario.backUp()
            try await scenario.insert("purged at one peer")
            try await scenario.lose()
            try await scenario.purge(scenario.peers[0])

            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            #expect(restore.summary("gtid", "missing") == "")
            try await scenario.startRestored()
            #expect(try await scenario.has("purged at one peer", on: scenario.lost))
        }
    }

    @Test("Without configured sources the channels that came with the backup are used", arguments: TestServer.allCases)
    func channelsOfTheBackup(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 4) { scenario in
            try scenario.configure(sources: [])
            try await scenario.backUp()
            try await scenario.insert("only the peers know")
            try await scenario.lose()

            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            let sources = try #require(restore.objects("summary").last?["sources"] as? [[String: any Sendable]])
            #expect(sources.count == 3)
            #expect(sources.allSatisfy { $0["reached"] as? Bool == true })
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peers know", on: scenario.lost))
            for peer in scenario.peers {
                try await scenario.insert("afterwards from \(peer.id)", on: peer)
                try await SandboxGroup.waitUntil(scenario.lost, has: peer)
            }
        }
    }

    @Test("A wrong replication password counts as not reached, and is told", arguments: TestServer.allCases)
    func wrongReplicationPassword(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            try Scenario.write("wrong", to: "\(scenario.folder)/replication-password", mode: 0o600)
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 9, "\(restore.all)")
            #expect(restore.error("cause").contains("Access denied"))
        }
    }
}

/// Writes that a peer has received and not yet applied.
@Suite("Peers that lag") struct LaggingPeerTests {
    @Test("The restore waits until the peer has applied what it had received", arguments: TestServer.allCases)
    func receivedNotApplied(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            let peer = scenario.peer
            try await peer.query(Self.stopApplier(scenario))
            try await scenario.insert("only in a relay log")
            try await Self.waitUntilReceived(scenario)
            try await scenario.lost.stop(SIGKILL)
            try FileManager.default.removeItem(atPath: scenario.lost.dataDirectory)

            let restore = try await scenario.dorsal("restore", syncPoint: "rejoin-running") { paused in
                try await peer.query(peer.dialect.startApplier("source-1"))
                paused.resume()
            }
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.has("only in a relay log", on: scenario.lost))
        }
    }

    @Test("A peer that does not show what it has received is warned of", arguments: TestServer.allCases)
    func hiddenPeer(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let privilege = server == .mysql ? "REPLICATION CLIENT" : "SLAVE MONITOR"
            try await scenario.peer.query(
                "SET SESSION sql_log_bin = 0",
                "REVOKE \(privilege) ON *.* FROM '\(SandboxTemplate.replicationUser)'@'%'"
            )
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            let warnings = try #require(restore.objects("summary").last?["warnings"] as? [String])
            #expect(warnings.contains { $0.contains("grant") && $0.contains("\(scenario.peer.port)") })
        }
    }

    private static func stopApplier(_ scenario: Scenario) -> String {
        scenario.server == .mysql
            ? "STOP REPLICA SQL_THREAD FOR CHANNEL 'source-1'" : "STOP SLAVE 'source-1' SQL_THREAD"
    }

    private static func waitUntilReceived(_ scenario: Scenario) async throws {
        let wanted = try await scenario.lost.executed()
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let rows = try await scenario.peer.query(scenario.peer.dialect.channelStatus)
            let received = try rows.reduce(try await scenario.peer.executed()) { set, row in
                set.union(
                    try GTIDSet(parsing: row["Retrieved_Gtid_Set", "Gtid_IO_Pos"] ?? "", flavor: scenario.server.flavor)
                )
            }
            if received.contains(wanted) { return }
            try #require(ContinuousClock.now < deadline, "the peer does not receive")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
