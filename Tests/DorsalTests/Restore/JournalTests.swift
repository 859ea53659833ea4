import Failures
import Foundation
import TestSupport
import Testing

@testable import Dorsal

@Suite("Journals of restores, and server-ids for them")
struct JournalTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func journal() throws -> Journal {
        Journal(
            backup: try BackupID("20261122T094058Z-1f3a9c"),
            token: "a-token",
            stage: .replay,
            started: Date(timeIntervalSince1970: 1_700_000_000),
            movedAside: "/var/lib/mysql.before-20261122T094058Z",
            dataSet: "\(UUIDs.one):1-100",
            temporaryServerId: 100_003_306
        )
    }

    @Test("A journal comes back as it was, and a later one replaces it")
    func roundTrip() throws {
        var journal = try self.journal()
        #expect(try Journal.read(self.folder.path) == nil)
        try journal.write(self.folder.path)
        #expect(try Journal.read(self.folder.path) == journal)
        journal.stage = .rejoin
        journal.movedAside = nil
        try journal.write(self.folder.path)
        #expect(try Journal.read(self.folder.path) == journal)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["journal.json"])
    }

    @Test("A journal that cannot be read stops the restore", arguments: ["", "{", "{}", "{\"stage\": \"unpack\"}"])
    func unreadable(_ text: String) throws {
        try self.folder.write(text, to: "journal.json")
        let failure = try #require(throws: Failure.self) { try Journal.read(self.folder.path) }
        #expect(failure.class == .unusable)
        #expect(failure.message.contains(self.folder.path("journal.json")))
        #expect(failure.hint?.contains("move \(self.folder.path) away") == true)
    }

    @Test("Only data that bears the journal's mark is unfinished work; the user's own never is")
    func marker() throws {
        let journal = try self.journal()
        #expect(!UnfinishedMarker.isSet(journal, self.folder.path))
        try UnfinishedMarker.write("another", self.folder.path)
        #expect(!UnfinishedMarker.isSet(journal, self.folder.path))
        try UnfinishedMarker.write(journal.token, self.folder.path)
        #expect(UnfinishedMarker.isSet(journal, self.folder.path))
        #expect(!UnfinishedMarker.isSet(nil, self.folder.path))
        try UnfinishedMarker.remove(self.folder.path)
        #expect(!UnfinishedMarker.isSet(journal, self.folder.path))
    }

    @Test("A journal that cannot be written is a failure of the storage")
    func unwritable() throws {
        let gone = self.folder.path("gone")
        let failure = try #require(throws: Failure.self) { try self.journal().write(gone) }
        #expect(failure.class == .storage)
        #expect(failure.message == "\(gone)/journal.json cannot be written")
    }

    @Test("The id is derived from the instance and the port, and goes on to the next where it is in use")
    func derived() throws {
        let ids = TemporaryServerID(configuration: .sample(port: 3307))
        #expect(ids.first == 100_103_307)
        #expect(TemporaryServerID.preferred(instance: 2, port: 3307) == 100_203_307)
        #expect(try ids.choose([1, 2]) == 100_103_307)
        #expect(try ids.choose([100_103_307, 100_103_308, 1]) == 100_103_309)
    }

    @Test("An id in the binary logs, of the server or of a peer or its replicas is in use")
    func inUse() throws {
        let logs = [try Manifest.BinlogRecord.sample("bin.000001", "", "1-9", serverIDs: [1, 100_103_306])]
        let manifest = try Manifest.sample(binlogs: logs)
        let ids = TemporaryServerID(configuration: .sample())
        #expect(try ids.choose(manifest, []) == 100_103_307)
        let empty = try mysqlSet("")
        let sample = PeerSample(executed: empty, received: nil, purged: empty, serverIDs: [2, 100_103_307])
        let probes = [
            PeerProbe(peer: .two, result: .success(sample)),
            PeerProbe(peer: .three, result: .failure(Failure(.database, "down"))),
        ]
        #expect(try ids.choose(manifest, probes) == 100_103_308)
    }

    @Test("A configured id is taken, or refused when it is in use, the server's own included")
    func configured() throws {
        #expect(try TemporaryServerID(configuration: .sample(temporaryServerID: 77)).choose([1]) == 77)
        let ids = TemporaryServerID(configuration: .sample(temporaryServerID: 1))
        let failure = try #require(throws: Failure.self) { try ids.choose(.sample(binlogs: []), []) }
        #expect(failure.class == .usage)
        #expect(failure.message.hasPrefix("replication.temporary_server_id 1 is in use"))
    }
}
