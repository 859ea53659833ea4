import Failures
import Foundation
import Storage
import TestSupport
import Testing

@testable import Dorsal

@Suite("Removing backups from a local repository")
struct RemovalTests {
    private static let ids = [
        "20211119T020000Z-1f3a9c", "20211120T020000Z-1f3a9c", "20211121T020000Z-1f3a9c", "20211122T020000Z-1f3a9c",
    ]
    private let backups: StoredBackups
    private let telling = Telling()

    init() throws { self.backups = try StoredBackups() }

    private func publishAll() async throws {
        for id in Self.ids { try await self.backups.publish(id) }
        let repository = try LocalRepository(self.backups.configuration())
        repository.link(try .sample(id: Self.ids[3]), port: 3306, self.telling.log)
    }

    private func prune(_ retention: Configuration.Retention, isDryRun: Bool = false) async throws -> RemovalSummary {
        let configuration = self.backups.configuration(retention)
        return try await PruneRun(configuration: configuration, log: self.telling.log, kind: nil, isDryRun: isDryRun)
            .run()
    }

    private func prune(last: Int, grace: Duration = .zero, isDryRun: Bool = false) async throws -> RemovalSummary {
        try await self.prune(.init(general: .init(keepLast: last), grace: grace), isDryRun: isDryRun)
    }

    private func delete(_ ids: [String], isDryRun: Bool = false) async throws -> RemovalSummary {
        try await DeleteRun(
            configuration: self.backups.configuration(),
            log: self.telling.log,
            ids: try ids.map { try BackupID($0) },
            kind: nil,
            isDryRun: isDryRun
        ).run()
    }

    private func left() async throws -> [String] { try await self.backups.place.ids().map(\.description) }
    private var link: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: self.backups.folder.path("mysql-3306.tgz"))
    }

    @Test("Pruned by the rules, with everything that belongs to a backup; a dry run says the same and touches nothing")
    func pruned() async throws {
        try await self.publishAll()
        let dry = try await self.prune(last: 2, isDryRun: true)
        #expect(try await self.left() == Self.ids)
        let done = try await self.prune(last: 2)
        #expect(dry.removed == done.removed && dry.kept == done.kept)
        #expect(dry.dryRun && !done.dryRun)
        #expect(done.removed.map(\.id) == Array(Self.ids.prefix(2)))
        #expect(done.bytes > 0)
        #expect(done.kept.map(\.reasons) == [["last 1"], ["last 2"]])
        #expect(try await self.left() == Array(Self.ids.suffix(2)))
        #expect(!FileManager.default.fileExists(atPath: self.backups.folder.path("orders/\(Self.ids[0])")))
        #expect(self.link == "orders/\(Self.ids[3])/package.tar.gz")
        #expect(try await self.prune(last: 2).removed == [])
    }

    @Test("Without a rule it is told what to write; an unmounted repository is not made")
    func refused() async throws {
        let failure = try await #require(throws: Failure.self) { try await self.prune(.init()) }
        #expect(failure.class == .usage)
        #expect(failure.hint?.contains("keep_last: 3") == true)
        try FileManager.default.removeItem(atPath: self.backups.folder.path)
        let incomplete = try await #require(throws: IncompleteRemoval.self) { try await self.prune(last: 1) }
        #expect(incomplete.failure.class == .storage)
        #expect(!FileManager.default.fileExists(atPath: self.backups.folder.path))
    }

    @Test("A damaged one takes no good one's place, is told of and left alone")
    func damaged() async throws {
        try await self.publishAll()
        try self.backups.damageManifest(Self.ids[3])
        try FileManager.default.removeItem(atPath: self.backups.path(Self.ids[2], "package.tar.gz"))
        let summary = try await self.prune(last: 1)
        #expect(summary.kept.map(\.id) == [Self.ids[1]])
        #expect(summary.removed.map(\.id) == [Self.ids[0]])
        #expect(summary.damaged.map(\.id) == Array(Self.ids.suffix(2)))
        #expect(summary.warnings.count == 2)
        #expect(try await self.left() == Array(Self.ids.suffix(3)))
    }

    @Test("One that a verification found damaged counts as such")
    func foundDamaged() async throws {
        try await self.publishAll()
        try await self.backups.place.put(
            VerifiedMark(finished: Date(), result: .damaged, problem: "a byte is wrong"),
            BackupID(Self.ids[3]),
            VerifiedMark.name
        )
        let summary = try await self.prune(last: 1)
        #expect(summary.kept.map(\.id) == [Self.ids[2]])
        #expect(summary.damaged.map(\.id) == [Self.ids[3]])
        #expect(self.backups.exists(Self.ids[3], "package.tar.gz"))
    }

    @Test("Kept ones stay until they are released; who, when and why is listed")
    func kept() async throws {
        try await self.publishAll()
        let dorsal = Dorsal(self.backups.configuration(.init(general: .init(keepLast: 1), grace: .zero)))
        let listing = try await dorsal.keep(BackupID(Self.ids[0]), note: "before the upgrade")
        #expect(listing.kept && listing.note == "before the upgrade")
        #expect(listing.copies.first?.keptBy?.contains("@") == true)
        #expect(listing.copies.first?.keptSince != nil)
        let summary = try await dorsal.prune()
        #expect(summary.kept.map(\.id) == [Self.ids[3], Self.ids[0]])
        let failure = try await #require(throws: Failure.self) { try await self.delete([Self.ids[0]]) }
        #expect(failure.class == .unusable)
        #expect(failure.cause == "before the upgrade")
        #expect(failure.hint?.contains("--release") == true)
        #expect(try await dorsal.release(BackupID(Self.ids[0])).kept == false)
        #expect(try await dorsal.prune().removed.map(\.id) == [Self.ids[0]])
        let gone = try await #require(throws: Failure.self) { try await dorsal.keep(BackupID(Self.ids[0])) }
        #expect(gone.class == .usage)
    }

    @Test("A mark that cannot be read keeps all the same; one of verification counts as none")
    func damagedMarks() async throws {
        try await self.publishAll()
        try self.backups.folder.write("{", to: "orders/\(Self.ids[0])/keep.json")
        try self.backups.folder.write("{", to: "orders/\(Self.ids[3])/verified.json")
        let summary = try await self.prune(last: 1)
        #expect(summary.kept.map(\.id) == [Self.ids[3], Self.ids[0]])
        #expect(summary.damaged == [])
    }

    @Test("Deleted by name, damaged ones too; the link follows, and goes with the last")
    func deleted() async throws {
        try await self.publishAll()
        try self.backups.damageManifest(Self.ids[0])
        let dry = try await self.delete([Self.ids[0]], isDryRun: true)
        #expect(dry.removed.map(\.id) == [Self.ids[0]])
        #expect(try await self.left() == Self.ids)
        #expect(try await self.delete([Self.ids[0]]).removed == dry.removed)

        // Found damaged, so that the one before it is the last good one.
        try await self.backups.place.put(
            VerifiedMark(finished: Date(), result: .damaged),
            BackupID(Self.ids[3]),
            VerifiedMark.name
        )
        try await _ = self.delete([Self.ids[3]])
        #expect(self.link == "orders/\(Self.ids[2])/package.tar.gz")
        for id in Self.ids.suffix(3).dropLast() { try self.backups.damageManifest(id) }
        try await _ = self.delete(Array(Self.ids.suffix(3).dropLast()))
        #expect(self.link == nil)
        #expect(try await self.left() == [])
    }

    @Test("The last good one is never deleted, and then nothing is")
    func lastGood() async throws {
        try await self.publishAll()
        let failure = try await #require(throws: Failure.self) { try await self.delete(Self.ids) }
        #expect(failure.class == .unusable)
        #expect(failure.message == "\(Self.ids[3]) is the last good backup, it is not deleted")
        try self.backups.damageManifest(Self.ids[3])
        let older = try await #require(throws: Failure.self) { try await self.delete([Self.ids[2]]) }
        #expect(older.message.hasPrefix(Self.ids[2]))
        #expect(try await self.left() == Self.ids)
        let unknown = try await #require(throws: Failure.self) {
            try await self.delete([Self.ids[0], "20200101T000000Z-000000"])
        }
        #expect(unknown.class == .usage)
        #expect(try await self.left() == Self.ids)
    }

    @Test("One that a wrong clock has named counts for nothing, and can be deleted when there is another")
    func timeToCome() async throws {
        try await self.publishAll()
        let ahead = "\(BackupID.stamp(Date(timeIntervalSinceNow: 30 * 86_400)))-1f3a9c"
        try await self.backups.publish(ahead)
        let within = Configuration.Retention.Policy(keepWithin: .seconds(86_400 + 60))
        let summary = try await self.prune(.init(general: within, grace: .zero))
        #expect(summary.kept.map(\.id) == [ahead, Self.ids[3], Self.ids[2]])
        #expect(summary.kept.first?.reasons == ["time to come"])
        #expect(summary.warnings.contains { $0.contains("dorsal delete \(ahead)") })
        let last = try await #require(throws: Failure.self) { try await self.delete([Self.ids[3]]) }
        #expect(last.class == .unusable)
        #expect(try await self.delete([ahead]).removed.map(\.id) == [ahead])
    }

    @Test("The only good one stays, whatever clock has named it, and it is told what helps")
    func onlyOneToCome() async throws {
        let ahead = "\(BackupID.stamp(Date(timeIntervalSinceNow: 30 * 86_400)))-1f3a9c"
        try await self.backups.publish(ahead)
        let failure = try await #require(throws: Failure.self) { try await self.delete([ahead]) }
        #expect(failure.message == "\(ahead) is the last good backup, it is not deleted")
        #expect(failure.hint?.contains("another instance.name") == true)
        #expect(try await self.prune(last: 1).kept.map(\.id) == [ahead])
    }

    @Test("While a backup is made nothing is removed; a dry run is not kept from looking")
    func locked() async throws {
        try await self.publishAll()
        let lock = try LocalRepository(self.backups.configuration()).lock()
        let incomplete = try await #require(throws: IncompleteRemoval.self) { try await self.prune(last: 1) }
        #expect(incomplete.failure.class == .locked)
        let failure = try await #require(throws: Failure.self) { try await self.delete([Self.ids[0]]) }
        #expect(failure.class == .locked)
        #expect(failure.cause == "dorsal backup")
        #expect(try await self.prune(last: 1, isDryRun: true).removed.count == 3)
        #expect(try await self.left() == Self.ids)
        lock.release()
        #expect(try await self.prune(last: 1).removed.count == 3)
    }

    @Test("Left-overs go once they are older than the grace, and only what is Dorsal's own")
    func leftovers() async throws {
        try await self.publishAll()
        let orphan = "20211101T020000Z-aaaaaa"
        let staged = "20211102T020000Z-bbbbbb"
        for name in ["package.tar.gz", "verified.json", "keep.json"] {
            try self.backups.folder.write("x", to: "orders/\(orphan)/\(name)")
        }
        let others = [
            "orders/\(orphan)/notes.txt", "orders/\(orphan)/reading-notes.txt", "orders/notes/package.tar.gz",
            "orders/package.tar.gz", "other/x",
            // An instance may be called so, and so may a prefix.
            "dorsal-probe/\(orphan)/package.tar.gz", "dorsal-probe/\(orphan)/manifest.json", "dorsal-probe/x",
            "dorsal-probe/orders/\(orphan)/manifest.json",
        ]
        for name in others { try self.backups.folder.write("x", to: name) }
        try self.backups.folder.write("x", to: "orders/.dorsal-staging-\(staged)/data/ibdata1")
        try self.backups.folder.write("x", to: "orders/\(staged)/package.tar.gz")
        let probes = ["dorsal-probe/1y2p0ij32e8e7/object", "dorsal-probe/\(UUID().uuidString)"]
        for name in probes { try self.backups.folder.write("x", to: name) }

        let young = try await self.prune(last: 9, grace: .seconds(86_400 * 36_500))
        #expect(young.cleared == [])
        let dry = try await self.prune(last: 9, isDryRun: true)
        #expect(dry.cleared.contains { $0.hasSuffix("\(orphan)/package.tar.gz") })
        #expect(self.backups.exists(orphan, "package.tar.gz"))
        let done = try await self.prune(last: 9)
        #expect(done.removed == [])
        #expect(done.cleared.contains { $0.hasSuffix(".dorsal-staging-\(staged)") })
        for name in ["package.tar.gz", "verified.json", "keep.json"] { #expect(!self.backups.exists(orphan, name)) }
        for name in probes {
            #expect(done.cleared.contains { $0.hasSuffix("/\(name)") })
            #expect(!FileManager.default.fileExists(atPath: self.backups.folder.path(name)))
        }
        #expect(!FileManager.default.fileExists(atPath: self.backups.folder.path("orders/\(staged)")))
        for name in others {
            #expect(FileManager.default.fileExists(atPath: self.backups.folder.path(name)), "\(name)")
        }
        #expect(try await self.left() == Self.ids)
    }

    @Test("What is not Dorsal's own in a backup's folder is told of and stays")
    func foreign() async throws {
        try await self.publishAll()
        try self.backups.folder.write("x", to: "orders/\(Self.ids[0])/notes.txt")
        let summary = try await self.delete([Self.ids[0]])
        #expect(summary.warnings.first?.hasPrefix("notes.txt in ") == true)
        #expect(self.backups.exists(Self.ids[0], "notes.txt"))
        #expect(!self.backups.exists(Self.ids[0], "package.tar.gz"))
    }
}
