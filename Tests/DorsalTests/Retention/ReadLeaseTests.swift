import Failures
import Foundation
import Glibc
import Storage
import TestSupport
import Testing

@testable import Dorsal

@Suite("Saying that a backup is being read")
struct ReadLeaseTests {
    private static let ids = ["20211119T020000Z-1f3a9c", "20211120T020000Z-1f3a9c"]
    private let backups: StoredBackups
    private let telling = Telling()

    init() throws { self.backups = try StoredBackups() }

    private func prune(isDryRun: Bool = false) async throws -> RemovalSummary {
        let configuration = self.backups.configuration(.init(general: .init(keepLast: 1), grace: .zero))
        return try await PruneRun(configuration: configuration, log: self.telling.log, kind: nil, isDryRun: isDryRun)
            .run()
    }

    private func delete(_ ids: [String]) async throws -> RemovalSummary {
        try await DeleteRun(
            configuration: self.backups.configuration(),
            log: self.telling.log,
            ids: try ids.map { try BackupID($0) },
            kind: nil,
            isDryRun: false
        ).run()
    }

    @Test("What is being read stays until that has ended, or has been silent for too long")
    func read() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        let (id, log) = (try BackupID(Self.ids[0]), self.telling.log)
        try await ReadLease.with([self.backups.place], id, "dorsal restore", log) {
            let failure = try await #require(throws: Failure.self) { try await self.delete([Self.ids[0]]) }
            #expect(failure.class == .unusable)
            #expect(failure.message.hasPrefix("backup \(Self.ids[0]) is being read from "))
            #expect(failure.cause?.hasPrefix("dorsal restore, process \(getpid()) on ") == true)
            for isDryRun in [true, false] {
                let summary = try await self.prune(isDryRun: isDryRun)
                #expect(summary.removed == [])
                #expect(summary.kept.last?.reasons == ["in use"])
            }
        }
        let left = try await self.backups.place.contents(of: id)[id]?.keys.sorted()
        #expect(left == ["manifest.json", "package.tar.gz"])
        #expect(try await self.prune().removed.map(\.id) == [Self.ids[0]])
        #expect(!FileManager.default.fileExists(atPath: self.backups.folder.path("orders/\(Self.ids[0])")))
    }

    @Test("Who reads says so no longer when that has failed; who may not write reads all the same")
    func readEnded() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        let (id, log) = (try BackupID(Self.ids[0]), self.telling.log)
        await #expect(throws: CancellationError.self) {
            try await ReadLease.with([self.backups.place], id, "dorsal restore", log) { throw CancellationError() }
        }
        #expect(try await self.backups.place.reader(of: id) == nil)
        let gone = try BackupID("20200101T000000Z-000000")
        let result = try await ReadLease.with([self.backups.place], gone, "dorsal restore", log) { 7 }
        #expect(result == 7)
        #expect(try await self.backups.place.contents(of: gone).isEmpty)
        #expect(self.telling.events.contains { "\($0)".contains("nothing keeps a prune from removing \(gone)") })
    }

    @Test("A place that does not answer keeps nobody from reading another", .timeLimit(.minutes(1)))
    func stuck() async throws {
        try await self.backups.publish(Self.ids[0])
        let (id, log) = (try BackupID(Self.ids[0]), self.telling.log)
        let place = self.backups.place
        let stuck = BackupPlace(kind: .s3, store: StuckStore(base: place.store), instance: place.instance)
        let reader = try await ReadLease.with([stuck, place], id, "dorsal restore", log, within: 1) {
            try await place.reader(of: id)
        }
        #expect(reader?.hasPrefix("dorsal restore, ") == true)
        #expect(self.telling.events.contains { "\($0)".contains("nothing keeps a prune from removing \(id)") })
    }

    @Test("Cancelled before it is said everywhere, it is said nowhere, and nothing is read", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        try await self.backups.publish(Self.ids[0])
        let (id, log) = (try BackupID(Self.ids[0]), self.telling.log)
        let place = self.backups.place
        let stuck = BackupPlace(kind: .s3, store: StuckStore(base: place.store), instance: place.instance)
        let wasRead = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    return try await ReadLease.with([place, stuck], id, "dorsal restore", log) { true }
                } catch is CancellationError {
                    return false
                }
            }
            while try await place.reader(of: id) == nil { try await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
            return try await group.next() ?? true
        }
        #expect(!wasRead)
        #expect(try await place.reader(of: id) == nil)
    }
}

/// A store that never ends a put.
private struct StuckStore: ForwardingStore {
    let base: any ObjectStore

    var name: String { "stuck" }

    func put(_ bytes: [UInt8], _ key: String) async throws { try await Task.sleep(for: .seconds(3600)) }
}
