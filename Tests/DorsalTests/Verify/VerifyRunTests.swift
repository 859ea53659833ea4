import Failures
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Dorsal

@Suite("Reading backups back")
struct VerifyRunTests {
    private static let ids = ["20261120T094058Z-1f3a9c", "20261121T094058Z-1f3a9c", "20261122T094058Z-1f3a9c"]
    private let backups: StoredBackups
    private let telling = Telling()

    init() throws { self.backups = try StoredBackups() }

    private func verify(_ options: VerifyOptions = VerifyOptions()) async throws -> ([VerifyResult], VerifySummary) {
        let results = Results()
        let run = VerifyRun(
            configuration: self.backups.configuration(),
            options: options,
            log: self.telling.log,
            tell: { results.add($0) }
        )
        let summary = try await run.run()
        return (results.all, summary)
    }

    private func failure(_ options: VerifyOptions = VerifyOptions(.all)) async throws -> IncompleteVerification {
        try await #require(throws: IncompleteVerification.self) { _ = try await self.verify(options) }
    }

    @Test("The newest is read back; what was found is remembered and listed, the manifest stays as it was")
    func newest() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        let manifest = try Data(contentsOf: URL(fileURLWithPath: self.backups.path(Self.ids[2], "manifest.json")))
        let (results, summary) = try await self.verify()
        #expect(results.map(\.id) == [Self.ids[2]])
        #expect(results.first?.result == .ok)
        #expect(results.first?.files == 2)
        #expect(summary.ok == 1 && summary.damaged == 0 && summary.seed == nil)
        let copies = try await self.backups.catalog.survey().backups.flatMap(\.copies)
        #expect(copies.map { $0.lastGood != nil } == [false, false, true])
        let listing = BackupListing(copies[2].id, "orders", [copies[2]])
        #expect(listing.verified != nil && listing.problem == nil)
        #expect(listing.copies.first?.result == "ok")
        let after = try Data(contentsOf: URL(fileURLWithPath: self.backups.path(Self.ids[2], "manifest.json")))
        #expect(after == manifest)
    }

    @Test("All are checked before it ends with 7, and each damaged one is named")
    func damaged() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        try self.backups.flip(self.backups.path(Self.ids[0], "package.tar.gz"), at: 60)
        let incomplete = try await self.failure()
        #expect(incomplete.failure.class == .integrity)
        #expect(incomplete.failure.message.hasPrefix("1 of 3 copies are damaged: Package "))
        #expect(incomplete.failure.message.contains("\(Self.ids[0])/package.tar.gz"))
        #expect(incomplete.summary.ok == 2 && incomplete.summary.damaged == 1)
        let copies = try await self.backups.catalog.survey().backups.flatMap(\.copies)
        #expect(copies.map(\.isWhole) == [false, true, true])
        #expect(copies[0].problem?.message.contains("was found damaged") == true)

        // Put right, it is looked at again.
        try self.backups.flip(self.backups.path(Self.ids[0], "package.tar.gz"), at: 60)
        let (_, summary) = try await self.verify(VerifyOptions(.one(BackupID(Self.ids[0]))))
        #expect(summary.ok == 1)
        #expect(try await self.backups.catalog.survey().backups.first?.copies.first?.isWhole == true)
    }

    @Test("A damaged event in a package whose checksums are right is found by its own checksum, with its offset")
    func damagedEvent() async throws {
        var binlog = TinyBinlog.bytes
        binlog[30] ^= 1
        try await self.backups.publish(Self.ids[0], binlog: binlog)
        let incomplete = try await self.failure()
        #expect(incomplete.failure.class == .integrity)
        #expect(incomplete.failure.message.contains("package.tar.gz: binlog/bin.000001 at offset 4: "))
    }

    @Test("A binary log that is cut short, or holds less than its manifest says")
    func wrongBinlog() async throws {
        try await self.backups.publish(Self.ids[0], binlog: Array(TinyBinlog.bytes.dropLast(3)))
        #expect(try await self.failure().failure.message.contains("it is cut short"))
        try await self.backups.publish(Self.ids[1], gtids: "101-105")
        let missing = try await self.failure(VerifyOptions(.one(BackupID(Self.ids[1]))))
        #expect(missing.failure.message.contains("has a binary log bin.000001 that is not as its manifest says"))
        #expect(missing.failure.cause?.hasPrefix("GTIDs: , not \(UUIDs.one):101-105") == true)
    }

    @Test("Every byte of a manifest counts", arguments: [3, 200, 900])
    func damagedManifest(_ offset: Int) async throws {
        try await self.backups.publish(Self.ids[0])
        try self.backups.flip(self.backups.path(Self.ids[0], "manifest.json"), at: offset)
        let incomplete = try await self.failure()
        #expect(incomplete.failure.class == .integrity)
        #expect(incomplete.failure.message.contains("manifest.json is damaged"))
    }

    @Test("A missing package is damage; a repository that is not there is a failure of the storage")
    func missing() async throws {
        try await self.backups.publish(Self.ids[0])
        try FileManager.default.removeItem(atPath: self.backups.path(Self.ids[0], "package.tar.gz"))
        #expect(try await self.failure().failure.message.contains("is missing"))
        try FileManager.default.removeItem(atPath: self.backups.folder.path)
        let failure = try await #require(throws: Failure.self) { _ = try await self.verify() }
        #expect(failure.class == .storage)
    }

    @Test("A backup that is not there, and a repository without any")
    func none() async throws {
        let none = try await #require(throws: Failure.self) { _ = try await self.verify() }
        #expect(none.class == .usage)
        #expect(none.hint == "run dorsal backup")
        try await self.backups.publish(Self.ids[0])
        let options = VerifyOptions(.one(try BackupID(Self.ids[1])))
        let other = try await #require(throws: Failure.self) { _ = try await self.verify(options) }
        #expect(other.message == "there is no backup \(Self.ids[1]) of orders")
        let remote = VerifyOptions(repository: .s3)
        let unset = try await #require(throws: Failure.self) { _ = try await self.verify(remote) }
        #expect(unset.message == "there is no repository.s3 in the configuration")
    }

    @Test("Samples go round: one run after another, each backup is read back")
    func samples() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        var seen: Set<String> = []
        for _ in Self.ids {
            let (results, summary) = try await self.verify(VerifyOptions(.sample(percent: 5)))
            #expect(results.count == 1)
            #expect(summary.seed != nil)
            seen.formUnion(results.map(\.id))
        }
        #expect(seen == Set(Self.ids))
    }

    @Test("A sample does not choose one that cannot be read again and again; what was known of it stays")
    func attempted() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        let known = VerifiedMark(finished: Date(timeIntervalSince1970: 1_700_000_000), result: .ok)
        try await self.backups.place.put(known, BackupID(Self.ids[0]), VerifiedMark.name)
        for id in Self.ids.prefix(2) {
            try self.backups.folder.write(#"{"version": 99}"#, to: "orders/\(id)/manifest.json")
        }
        let results = Results()
        let run = VerifyRun(
            configuration: self.backups.configuration(),
            options: VerifyOptions(.sample(percent: 5)),
            log: self.telling.log,
            tell: { results.add($0) }
        )
        for _ in Self.ids {
            do { _ = try await run.run() } catch is IncompleteVerification {}
        }
        #expect(Set(results.all.map(\.id)) == Set(Self.ids))
        let copies = try await self.backups.catalog.survey().backups.flatMap(\.copies)
        #expect(copies[0].verified?.finished == known.finished && copies[0].verified?.result == .ok)
        #expect(copies[0].verified?.attempted != nil && copies[2].verified?.attempted == nil)
        #expect(copies[1].verified?.result == .unknown)
        let listed = BackupListing(copies[1].id, "orders", [copies[1]]).copies.first
        #expect(listed?.verified == nil && listed?.result == nil && listed?.attempted != nil)
    }

    @Test("The metric is about the newest backup in all places, or a sample; about an old one it says nothing")
    func metric() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        var configuration = self.backups.configuration()
        let path = self.backups.folder.path("dorsal.prom")
        configuration.metrics.textfile = path
        func isTold(_ options: VerifyOptions) async throws -> Bool {
            _ = try await VerifyRun(configuration: configuration, options: options, log: self.telling.log) { _ in }
                .run()
            defer { try? FileManager.default.removeItem(atPath: path) }
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.contains("\ndorsal_verify_last_success_timestamp_seconds{")
        }
        #expect(try await !isTold(VerifyOptions(.one(BackupID(Self.ids[0])))))
        #expect(try await !isTold(VerifyOptions(.newest, repository: .local)))
        #expect(try await isTold(VerifyOptions(.one(BackupID(Self.ids[2])))))
        #expect(try await isTold(VerifyOptions(.newest)))
        #expect(try await isTold(VerifyOptions(.sample(percent: 5))))
    }
}

/// Results as they are told.
private final class Results: Sendable {
    private let kept = Mutex<[VerifyResult]>([])

    var all: [VerifyResult] { self.kept.withLock { $0 } }
    func add(_ result: VerifyResult) { self.kept.withLock { $0.append(result) } }
}
