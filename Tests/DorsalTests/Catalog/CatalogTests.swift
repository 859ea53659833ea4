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
    private let catalog: Catalog

    init() throws {
        self.folder = try TemporaryFolder()
        self.catalog = try Catalog(.sample(local: self.folder.path))
    }

    private func manifestFile(_ id: String) -> String { "orders/\(id)/manifest.json" }

    private func failure(_ manifest: Data) throws -> Failure {
        let id = "20261122T094058Z-1f3a9c"
        try self.folder.write(manifest, to: self.manifestFile(id))
        return try #require(throws: Failure.self) { try self.catalog.manifest(BackupID(id)) }
    }

    @Test("Without a local repository there is no catalog")
    func noRepository() throws {
        let failure = try #require(throws: Failure.self) { try Catalog(.sample(local: nil)) }
        #expect(failure.class == .usage)
        #expect(failure.hint?.contains("repository.local") == true)
    }

    @Test("An empty repository holds nothing; one that is not there may be an unmounted disk")
    func empty() throws {
        #expect(try self.catalog.ids() == [])
        #expect(try self.catalog.newestID() == nil)
        #expect(try self.catalog.unfinished() == [])
        let unmounted = try Catalog(.sample(local: self.folder.path("unmounted")))
        let failure = try #require(throws: Failure.self) { try unmounted.ids() }
        #expect(failure.class == .storage)
    }

    @Test("A backup exists once its manifest does; ids are sorted, the last is the newest")
    func publish() throws {
        let ids = ["20261122T094058Z-1f3a9c", "20251122T094058Z-ffffff", "20261122T094058Z-0f3a9c"]
        for id in ids {
            try self.catalog.makeFolder("\(self.catalog.instanceFolder)/\(id)")
            #expect(try self.catalog.ids().map(\.description).contains(id) == false)
            try self.catalog.publish(try .sample(id: id))
        }
        #expect(try self.catalog.ids().map(\.description) == ids.sorted())
        #expect(try self.catalog.newestID()?.description == ids[0])
        let read = try self.catalog.manifest(BackupID(ids[1]))
        #expect(read == (try Manifest.sample(id: ids[1])))
        #expect(self.catalog.packagePath(read) == "\(self.folder.path)/orders/\(ids[1])/package.tar.gz")
    }

    @Test("A manifest is never overwritten")
    func publishTwice() throws {
        try self.catalog.publish(try .sample())
        let failure = try #require(throws: Failure.self) { try self.catalog.publish(try .sample(data: "1-5")) }
        #expect(failure.class == .unusable)
        #expect(try self.catalog.manifest(BackupID("20261122T094058Z-1f3a9c")) == (try Manifest.sample()))
    }

    @Test("Unfinished backups are those with a staging; a folder that may be on its way here is left alone")
    func unfinished() throws {
        try self.catalog.publish(try .sample())
        let names = [
            "20261122T094059Z-1f3a9c", ".staging-20261122T094059Z-1f3a9c", "20261122T094060Z-1f3a9c", "notes",
            ".staged",
        ]
        for name in names {
            try self.folder.write("x", to: "orders/\(name)/file")
        }
        #expect(try self.catalog.unfinished() == [BackupID("20261122T094059Z-1f3a9c")])
    }

    @Test("A backup that is not there")
    func missing() throws {
        let id = try BackupID("20261122T094058Z-1f3a9c")
        let failure = try #require(throws: Failure.self) { try self.catalog.manifest(id) }
        #expect(failure.class == .usage)
        #expect(failure.message == "there is no backup \(id) of orders")
    }

    @Test("A damaged manifest", arguments: ["", "{", "[]", "{\"version\": 1}", "{\"id\": \"x\"}"])
    func damaged(_ text: String) throws {
        let failure = try self.failure(Data(text.utf8))
        #expect(failure.class == .integrity)
        #expect(failure.message.hasSuffix("/manifest.json is damaged"))
        #expect(failure.hint == "restore another backup")
    }

    @Test("A manifest of another backup or instance, in a folder that was renamed or copied")
    func ofAnother() throws {
        let otherID = try self.failure(try Manifest.sample(id: "20261122T094058Z-000000").encoded())
        #expect(otherID.class == .integrity)
        #expect(otherID.cause == "it says orders/20261122T094058Z-000000")
        let otherInstance = try self.failure(try Manifest.sample(instance: "billing").encoded())
        #expect(otherInstance.class == .integrity)
        #expect(otherInstance.cause == "it says billing/20261122T094058Z-1f3a9c")
    }

    @Test("A manifest of a later version is not called damaged, whether it can be read or not")
    func laterVersion() throws {
        var readable = try Manifest.sample()
        readable.version = 2
        for data in [try readable.encoded(), Data("{\"version\": 2, \"engine\": \"zfs\"}".utf8)] {
            let failure = try self.failure(data)
            #expect(failure.class == .usage)
            #expect(failure.cause == "manifest version 2, this Dorsal reads 1")
            #expect(failure.hint == "update Dorsal")
        }
    }

    @Test("One backup at a time: the lock names who holds it")
    func lock() throws {
        let lock = try self.catalog.lock()
        let failure = try #require(throws: Failure.self) { try self.catalog.lock() }
        #expect(failure.class == .locked)
        lock.release()
        try self.catalog.lock().release()
    }

    @Test("A listing says what is wrong, and goes on")
    func listing() throws {
        try self.catalog.publish(try .sample())
        try self.folder.write("{", to: self.manifestFile("20261122T094059Z-1f3a9c"))
        let listings = try self.catalog.ids().map { BackupListing($0, self.catalog) }
        #expect(listings.map(\.problem) == ["the package is missing", listings[1].problem])
        #expect(listings[1].problem?.hasSuffix("is damaged") == true)
        #expect(listings[1].bytes == nil)
        #expect(listings[0].gtid == "\(UUIDs.one):1-120")
        try self.folder.write("x", to: "orders/20261122T094058Z-1f3a9c/package.tar.gz")
        let whole = BackupListing(try BackupID("20261122T094058Z-1f3a9c"), self.catalog)
        #expect(whole.problem == nil)
        #expect(whole.bytes == 4096)
    }
}
