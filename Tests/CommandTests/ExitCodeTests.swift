import Dorsal
import Failures
import Foundation
import Storage
import TestSupport
import Testing

/// Every exit code of the table that needs no running server.
@Suite("The built program: exit codes")
struct ExitCodeTests {
    private let fixture: CommandFixture

    init() throws { self.fixture = try CommandFixture() }

    private func expectError(_ result: DorsalResult, _ failureClass: Failure.Class, _ message: String) {
        #expect(result.status == failureClass.rawValue, "\(result.all)")
        #expect(result.objects("error").last?["code"] as? Int == Int(failureClass.rawValue))
        #expect(result.error("class") == failureClass.name)
        #expect(result.error("message").contains(message), "\(result.all)")
    }

    @Test("0 and nothing to say: an empty repository")
    func emptyList() async throws {
        for json in [true, false] {
            let result = try await self.fixture.dorsal("list", json: json)
            #expect(result.status == 0)
            #expect(result.out == "")
            #expect(result.err == "")
        }
    }

    @Test("0: a whole backup is listed and shown")
    func list() async throws {
        try self.fixture.publish()
        let result = try await self.fixture.dorsal("list")
        #expect(result.status == 0)
        #expect(result.objects("backup").first?["id"] as? String == CommandFixture.id)
        let shown = try await self.fixture.dorsal("show", "latest", json: false)
        #expect(shown.status == 0)
        #expect(shown.out.hasPrefix("backup     \(CommandFixture.id) of orders\n"))
        let manifest = try await self.fixture.dorsal("show", "--manifest", json: false)
        #expect(manifest.out.contains("\"id\" : \"\(CommandFixture.id)\""))
    }

    @Test("2: a list with a damaged backup in it")
    func warning() async throws {
        try self.fixture.publish()
        try self.fixture.folder.write("{", to: "backups/orders/20261122T094059Z-1f3a9c/manifest.json")
        let result = try await self.fixture.dorsal("list", json: false)
        #expect(result.status == 2)
        #expect(result.out.contains(#/(?m)^20261122T094059Z-1f3a9c  -  .*DAMAGED: /#))
        #expect(result.out.contains(CommandFixture.id))
    }

    @Test("3: no server program, data of a later series, no data directory")
    func unusable() async throws {
        try self.fixture.publish()
        self.expectError(try await self.fixture.dorsal("restore"), .unusable, "no server program")
        try self.fixture.installServer("echo 'mysqld  Ver 8.0.36 for Linux on x86_64'")
        self.expectError(try await self.fixture.dorsal("restore"), .unusable, "cannot start on data of 8.4.0")
        self.expectError(try await self.fixture.dorsal("catch-up"), .unusable, "is not a data directory")
    }

    @Test("5: a repository that is not there, or leads through a file")
    func storage() async throws {
        try self.fixture.configure(repository: self.fixture.folder.path("unmounted"))
        self.expectError(try await self.fixture.dorsal("list"), .storage, self.fixture.folder.path("unmounted"))
        #expect(!FileManager.default.fileExists(atPath: self.fixture.folder.path("unmounted")))
        try self.fixture.folder.write("a file", to: "file")
        try self.fixture.configure(repository: self.fixture.folder.path("file/backups"))
        self.expectError(try await self.fixture.dorsal("list"), .storage, self.fixture.folder.path("file/backups"))
    }

    @Test("6: nobody answers at the socket")
    func database() async throws {
        let result = try await self.fixture.dorsal("backup")
        self.expectError(result, .database, "no server answers at \(self.fixture.folder.path("none.sock"))")
        #expect(result.error("hint").contains("instance.socket"))
        #expect(
            !FileManager.default.fileExists(atPath: self.fixture.folder.path("backups/orders/\(CommandFixture.id)"))
        )
    }

    @Test("7: a damaged manifest, a missing package, a damaged package")
    func integrity() async throws {
        try self.fixture.publish()
        try self.fixture.installServer("echo 'mysqld  Ver 8.4.0 for Linux on x86_64'")
        self.expectError(try await self.fixture.dorsal("restore"), .integrity, "package")
        #expect(!FileManager.default.fileExists(atPath: self.fixture.data))
        try FileManager.default.removeItem(
            atPath: self.fixture.folder.path("backups/orders/\(CommandFixture.id)/package.tar.gz")
        )
        self.expectError(try await self.fixture.dorsal("restore"), .integrity, "is missing")
        try self.fixture.folder.write("{", to: "backups/orders/\(CommandFixture.id)/manifest.json")
        self.expectError(try await self.fixture.dorsal("show", CommandFixture.id), .integrity, "is damaged")
    }

    @Test("11: another restore of the target is going on")
    func locked() async throws {
        try self.fixture.publish()
        try self.fixture.installServer("echo 'mysqld  Ver 8.4.0 for Linux on x86_64'")
        try self.fixture.folder.write("", to: "data.dorsal-restore/lock")
        let lock = try FileLock(at: "\(self.fixture.data).dorsal-restore/lock", command: "another restore")
        defer { lock.release() }
        let result = try await self.fixture.dorsal("restore")
        self.expectError(result, .locked, "is locked by process")
        #expect(result.all.contains("another restore"))
        #expect(!FileManager.default.fileExists(atPath: self.fixture.data))
    }
}
