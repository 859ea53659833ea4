import Failures
import Foundation
import Progress
import Storage
import TestSupport
import Testing

@testable import Dorsal

@Suite("The backups in a repository")
struct CatalogTests {
    private let folder: TemporaryFolder
    private let place: BackupPlace
    private let telling = Telling()
    private let id: BackupID

    init() throws {
        self.folder = try TemporaryFolder()
        self.place = .local(self.folder.path)
        self.id = try BackupID("20261122T094058Z-1f3a9c")
    }

    private var catalog: Catalog { Catalog(instance: "orders", places: [self.place]) }

    private func manifestFile(_ id: String) -> String { "orders/\(id)/manifest.json" }

    private func failure(_ manifest: Data) async throws -> Failure {
        try self.folder.write(manifest, to: self.manifestFile("\(self.id)"))
        return try await #require(throws: Failure.self) { try await self.catalog.backup(self.id, self.telling.log) }
    }

    @Test("Without any local folder there is nowhere to make a backup")
    func noRepository() throws {
        let failure = try #require(throws: Failure.self) { try LocalRepository(.sample(local: nil)) }
        #expect(failure.class == .usage)
        #expect(failure.hint?.contains("repository.local") == true)
    }

    @Test("An empty repository holds nothing; one that is not there may be an unmounted disk")
    func empty() async throws {
        #expect(try await self.catalog.newestID() == nil)
        let unmounted = Catalog(instance: "orders", places: [.local(self.folder.path("unmounted"))])
        let failure = try await #require(throws: Failure.self) { try await unmounted.ids() }
        #expect(failure.class == .storage)
        #expect(failure.hint?.contains("mounted") == true)
    }

    @Test("A local repository that is not there is passed over when there is another place")
    func emptyMachine() async throws {
        try await self.place.publish(try .sample())
        let catalog = Catalog(instance: "orders", places: [.local(self.folder.path("unmounted")), self.place])
        #expect(try await catalog.newestID() == self.id)
        #expect(try await catalog.backup(self.id, self.telling.log).places.map(\.store.name) == [self.folder.path])
    }

    @Test("A backup exists once its manifest does; ids are sorted, the last is the newest")
    func publish() async throws {
        let ids = ["20261122T094058Z-1f3a9c", "20251122T094058Z-ffffff", "20261122T094058Z-0f3a9c"]
        for id in ids {
            try Folders.make("\(self.folder.path)/orders/\(id)")
            #expect(try await self.place.ids().map(\.description).contains(id) == false)
            try await self.place.publish(try .sample(id: id))
        }
        #expect(try await self.catalog.ids().map(\.id.description) == ids.sorted())
        #expect(try await self.catalog.newestID()?.description == ids[0])
        let read = try await self.catalog.backup(BackupID(ids[1]), self.telling.log).manifest
        #expect(read == (try Manifest.sample(id: ids[1])))
        let package = self.place.address(read.id, read.package.name)
        #expect(package == "\(self.folder.path)/orders/\(ids[1])/package.tar.gz")
    }

    @Test("A manifest is never overwritten")
    func publishTwice() async throws {
        try await self.place.publish(try .sample())
        let failure = try await #require(throws: Failure.self) {
            try await self.place.publish(try .sample(data: "1-5"))
        }
        #expect(failure.class == .unusable)
        #expect(try await self.place.manifest(self.id) == (try Manifest.sample()))
    }

    @Test("A folder of a backup that is being made is no backup, and its files are no objects")
    func staging() async throws {
        try await self.place.publish(try .sample())
        let names = ["20261122T094059Z-1f3a9c", ".dorsal-staging-20261122T094059Z-1f3a9c", "notes", ".staged"]
        for name in names { try self.folder.write("x", to: "orders/\(name)/manifest.json.new") }
        #expect(try await self.place.ids() == [self.id])
        let repository = try LocalRepository(.sample(local: self.folder.path))
        #expect(try repository.unfinished() == [BackupID("20261122T094059Z-1f3a9c")])
    }

    @Test("A backup that is not there")
    func missing() async throws {
        let failure = try await #require(throws: Failure.self) {
            try await self.catalog.backup(self.id, self.telling.log)
        }
        #expect(failure.class == .usage)
        #expect(failure.message == "there is no backup \(self.id) of orders")
        #expect(failure.cause == "looked in \(self.folder.path)")
    }

    @Test("A damaged manifest", arguments: ["", "{", "[]", "{\"version\": 1}", "{\"id\": \"x\"}"])
    func damaged(_ text: String) async throws {
        let failure = try await self.failure(Data(text.utf8))
        #expect(failure.class == .integrity)
        #expect(failure.message.hasSuffix("/manifest.json is damaged"))
        #expect(failure.hint == "restore another backup")
    }

    @Test("A manifest of another backup or instance, in a folder that was renamed or copied")
    func ofAnother() async throws {
        let otherID = try await self.failure(try Manifest.sample(id: "20261122T094058Z-000000").encoded())
        #expect(otherID.class == .integrity)
        #expect(otherID.cause == "it says orders/20261122T094058Z-000000")
        let otherInstance = try await self.failure(try Manifest.sample(instance: "billing").encoded())
        #expect(otherInstance.class == .integrity)
        #expect(otherInstance.cause == "it says billing/20261122T094058Z-1f3a9c")
    }

    @Test("A manifest of a later version is not called damaged, whether it can be read or not")
    func laterVersion() async throws {
        var readable = try Manifest.sample()
        readable.version = 3
        for data in [try readable.encoded(), Data("{\"version\": 3, \"engine\": \"zfs\"}".utf8)] {
            let failure = try await self.failure(data)
            #expect(failure.class == .usage)
            #expect(failure.cause == "manifest version 3, this Dorsal reads 2")
            #expect(failure.hint == "update Dorsal")
        }
    }

    @Test("A manifest that is damaged in one place is taken from the other, with a warning")
    func damagedInOnePlace() async throws {
        let other = try TemporaryFolder()
        try await BackupPlace.local(other.path).publish(try .sample())
        try self.folder.write("{", to: self.manifestFile("\(self.id)"))
        let catalog = Catalog(instance: "orders", places: [self.place, .local(other.path)])
        let log = self.telling.log
        let backup = try await catalog.backup(self.id, log)
        #expect(backup.places.map(\.store.name) == [other.path])
        #expect(log.warnings.count == 1)
        #expect(log.warnings.first?.contains("is damaged") == true)
    }

    @Test("Two backups of one id are not taken for one")
    func twoOfOneID() async throws {
        let other = try TemporaryFolder()
        try await BackupPlace.local(other.path).publish(try .sample(data: "1-5"))
        try await self.place.publish(try .sample())
        let catalog = Catalog(instance: "orders", places: [self.place, .local(other.path)])
        let failure = try await #require(throws: Failure.self) { try await catalog.backup(self.id, self.telling.log) }
        #expect(failure.class == .integrity)
        #expect(failure.message == "there are two different backups \(self.id)")
    }

    @Test("One backup at a time: the lock names who holds it")
    func lock() throws {
        let repository = try LocalRepository(.sample(local: self.folder.path))
        let lock = try repository.lock()
        let failure = try #require(throws: Failure.self) { try repository.lock() }
        #expect(failure.class == .locked)
        lock.release()
        try repository.lock().release()
    }

    @Test("A listing says what is wrong, and goes on")
    func listing() async throws {
        try await self.place.publish(try .sample())
        try self.folder.write("{", to: self.manifestFile("20261122T094059Z-1f3a9c"))
        var listings: [BackupListing] = []
        for backup in try await self.catalog.survey().backups {
            listings.append(BackupListing(backup.id, "orders", backup.copies))
        }
        #expect(listings[0].problem?.hasSuffix("package.tar.gz is missing") == true)
        #expect(listings[1].problem?.hasSuffix("is damaged") == true)
        #expect(listings[1].bytes == nil)
        #expect(listings[0].gtid == "\(UUIDs.one):1-120")
        try self.folder.write("x", to: "orders/\(self.id)/package.tar.gz")
        let cut = try await self.listed()
        #expect(cut.problem?.contains("has 1 bytes, not 4096") == true)
        #expect(cut.local == nil)
        try self.folder.write(String(repeating: "x", count: 4096), to: "orders/\(self.id)/package.tar.gz")
        let whole = try await self.listed()
        #expect(whole.problem == nil)
        #expect(whole.bytes == 4096)
        #expect(whole.local == self.place.address(self.id, "package.tar.gz"))
        #expect(whole.s3 == nil)
    }

    private func listed() async throws -> BackupListing {
        BackupListing(self.id, "orders", try await self.catalog.survey(only: self.id).backups.flatMap(\.copies))
    }

    @Test("When one place cannot be looked at, what the other has is listed, and then why")
    func halfListed() async throws {
        try await self.place.publish(try .sample())
        let file = try self.folder.write("a file", to: "file")
        let catalog = Catalog(instance: "orders", places: [.local("\(file)/backups"), self.place])
        // A path through a file is no folder that is merely missing; either way the other place counts.
        let survey = try await catalog.survey()
        #expect(survey.backups.map(\.id) == [self.id])
        let broken = Catalog(instance: "orders", places: [.local("\(file)/backups")])
        #expect(try await #require(throws: Failure.self) { try await broken.survey().throwing() }.class == .storage)
    }
}

extension Survey {
    fileprivate func throwing() throws -> Survey {
        if let failure = self.failures.first { throw failure }
        return self
    }
}
