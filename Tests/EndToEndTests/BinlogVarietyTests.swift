import Database
import Foundation
import GTID
import Sandbox
import TestSupport
import Testing

/// Binary logs of all sorts come through backup, replay and rejoin.
@Suite("Binary logs") struct BinlogVarietyTests {
    /// Backs up with some statements between data and binary logs and some after, loses the server, brings it back,
    /// and compares it with its peer.
    private static func roundTrip(
        _ scenario: Scenario,
        between: @escaping @Sendable () async throws -> Void,
        after: @escaping @Sendable () async throws -> Void
    ) async throws -> DorsalResult {
        let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
            try await between()
            paused.resume()
        }
        try #require(backup.status == 0, "\(backup.all)")
        try await after()
        try await scenario.lose()
        let restore = try await scenario.dorsal("restore")
        try #require(restore.status == 0, "\(restore.all)")
        try await scenario.startRestored()
        let sums = (try await scenario.checksums(of: scenario.lost), try await scenario.checksums(of: scenario.peer))
        #expect(sums.0.count >= 1)
        #expect(sums.0 == sums.1)
        return restore
    }

    @Test("Several files, and a transaction larger than a file", arguments: TestServer.allCases)
    func manyFiles(_ server: TestServer) async throws {
        try await Scenario.with(server, options: ["max-binlog-size = 1M"]) { scenario in
            try await scenario.fill(rows: 1000)
            _ = try await Self.roundTrip(scenario) {
                for _ in 1...3 { try await scenario.lost.query("FLUSH BINARY LOGS") }
                // About eight mebibytes in one transaction.
                try await scenario.lost.query(
                    "INSERT INTO shop.bulk (text) SELECT a.text FROM shop.bulk a JOIN shop.bulk b ON b.id < 500"
                )
                try await scenario.insert("after the large transaction")
            } after: {
                try await scenario.lost.query("UPDATE shop.bulk SET text = CONCAT('changed ', LEFT(text, 100))")
                try await scenario.insert("the last one")
            }
            #expect(try await scenario.has("after the large transaction", on: scenario.lost))
            #expect(try await scenario.has("the last one", on: scenario.lost))
        }
    }

    @Test("binlog_checksum = NONE", arguments: TestServer.allCases)
    func noChecksum(_ server: TestServer) async throws {
        try await Scenario.with(server, options: ["binlog-checksum = NONE"]) { scenario in
            _ = try await Self.roundTrip(scenario) {
                try await scenario.insert("without a checksum")
            } after: {
                try await scenario.insert("without one either")
            }
            #expect(try await scenario.has("without one either", on: scenario.lost))
        }
    }

    @Test("Compressed transaction payloads and tagged GTIDs")
    func compressedAndTagged() async throws {
        try await Scenario.with(.mysql, options: ["binlog-transaction-compression = ON"]) { scenario in
            try await scenario.fill(rows: 1000)
            let restore = try await Self.roundTrip(scenario) {
                try await scenario.lost.query(
                    "SET gtid_next = 'AUTOMATIC:between'",
                    "INSERT INTO shop.bulk (text) SELECT text FROM shop.bulk",
                    "SET gtid_next = 'AUTOMATIC'",
                    "FLUSH BINARY LOGS"
                )
            } after: {
                try await scenario.lost.query(
                    "SET gtid_next = 'AUTOMATIC:after'",
                    "UPDATE shop.bulk SET text = 'tagged'"
                )
            }
            let executed = restore.summary("gtid", "executed") ?? ""
            #expect(executed.contains(":between:1"))
            #expect(executed.contains(":after:1"))
            #expect(executed == restore.summary("gtid", "expected"))
        }
    }

    @Test("MariaDB's compressed events and statements")
    func mariadbCompressed() async throws {
        try await Scenario.with(.mariadb, options: ["log-bin-compress = ON", "log-bin-compress-min-len = 10"]) {
            scenario in
            try await scenario.fill(rows: 500)
            _ = try await Self.roundTrip(scenario) {
                try await scenario.lost.query(
                    "SET SESSION binlog_format = STATEMENT",
                    "UPDATE shop.bulk SET text = CONCAT('statement ', id)"
                )
            } after: {
                try await scenario.lost.query("UPDATE shop.bulk SET text = CONCAT('row ', id)")
            }
        }
    }

    @Test("Three channels", arguments: TestServer.allCases)
    func threeChannels(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 4) { scenario in
            let restore = try await Self.roundTrip(scenario) {
                for peer in scenario.peers { try await scenario.insert("from \(peer.id)", on: peer) }
                for peer in scenario.peers { try await SandboxGroup.waitUntil(scenario.lost, has: peer) }
            } after: {
                try await scenario.insert("the last word")
                for peer in scenario.peers { try await scenario.insert("later from \(peer.id)", on: peer) }
                for peer in scenario.peers { try await SandboxGroup.waitUntil(scenario.peer, has: peer) }
            }
            let sources = try #require(restore.objects("summary").last?["sources"] as? [[String: any Sendable]])
            #expect(sources.count == 3)
            for peer in scenario.peers {
                #expect(try await scenario.has("later from \(peer.id)", on: scenario.lost))
            }
            let channels = try await scenario.lost.query(scenario.lost.dialect.channelStatus)
            #expect(
                Set(channels.compactMap { $0["Channel_Name", "Connection_name"] }) == [
                    "source-2", "source-3", "source-4",
                ]
            )
        }
    }
}
