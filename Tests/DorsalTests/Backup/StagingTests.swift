import Failures
import Foundation
import Glibc
import Processes
import TestSupport
import Testing

@testable import Dorsal

@Suite("Staging folders")
struct StagingTests {
    private struct Stop: Error {}

    private let folder: TemporaryFolder
    private let repository: LocalRepository
    private let place: BackupPlace
    private let telling = Telling()
    private let id: BackupID

    init() throws {
        self.folder = try TemporaryFolder()
        self.repository = try LocalRepository(.sample(local: self.folder.path))
        self.place = .local(self.folder.path)
        self.id = try BackupID("20261122T094058Z-1f3a9c")
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.repository.instanceFolder).sorted()
    }

    @Test("The staging is gone afterwards, what was made stays")
    func success() async throws {
        let result = try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { staging in
            #expect(staging.folder == "\(self.repository.instanceFolder)/.dorsal-staging-\(self.id)")
            #expect(staging.binlogFolder == "\(staging.folder)/binlog")
            #expect(try self.names() == [".dorsal-staging-\(self.id)", "\(self.id)"])
            try self.folder.write("x", to: "orders/.dorsal-staging-\(self.id)/data/file")
            try self.folder.write("x", to: "orders/\(self.id)/package.tar.gz")
            #expect(staging.destination == self.folder.path("orders/\(self.id)"))
            try await self.place.publish(try .sample())
            return 7
        }
        #expect(result == 7)
        #expect(try self.names() == ["\(self.id)"])
        #expect(try await self.place.ids() == [self.id])
    }

    @Test("The copy may be made elsewhere; the package lies in the repository all the same")
    func elsewhere() async throws {
        let other = try TemporaryFolder()
        let left = "20261121T094058Z-000000"
        try other.write("x", to: "orders/.dorsal-staging-\(left)/data/x")
        try self.folder.write("x", to: "orders/\(left)/package.tar.gz")
        let repository = try LocalRepository(.sample(local: self.folder.path, staging: other.path))
        try await Staging.with(self.id, repository, keepsLocal: true, self.telling.log) { staging in
            #expect(staging.folder == other.path("orders/.dorsal-staging-\(self.id)"))
            #expect(staging.destination == self.folder.path("orders/\(self.id)"))
            try await self.place.publish(try .sample())
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path("orders")) == [])
        #expect(try self.names() == ["\(self.id)"])
    }

    @Test("After an error nothing is left, and the error comes out")
    func thrown() async throws {
        await #expect(throws: Stop.self) {
            try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { staging in
                try self.folder.write("x", to: "orders/\(self.id)/package.tar.gz")
                throw Stop()
            }
        }
        #expect(try self.names() == [])
    }

    @Test("A backup that was published already outlives a later error")
    func publishedThenThrown() async throws {
        await #expect(throws: Stop.self) {
            try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { _ in
                try await self.place.publish(try .sample())
                throw Stop()
            }
        }
        #expect(try self.names() == ["\(self.id)"])
        #expect(try await self.place.ids() == [self.id])
    }

    @Test("Left-overs of killed runs are cleared first, and told of; finished backups stay")
    func leftovers() async throws {
        try await self.place.publish(try .sample(id: "20251122T094058Z-000000"))
        try self.folder.write("x", to: "orders/.dorsal-staging-20261121T094058Z-000000/data/x")
        try self.folder.write("x", to: "orders/20261121T094058Z-000000/package.tar.gz")
        try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { _ in
            let expected = [".dorsal-staging-\(self.id)", "20251122T094058Z-000000", "\(self.id)"]
            let names = try self.names()
            #expect(names == expected)
        }
        #expect(self.telling.events.count == 1)
    }

    @Test("A folder without a manifest and without a staging may be on its way here: it stays")
    func arriving() async throws {
        try self.folder.write("x", to: "orders/20261121T094058Z-000000/package.tar.gz")
        try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { _ in }
        #expect(try self.names().contains("20261121T094058Z-000000"))
        #expect(self.telling.events.isEmpty)
    }

    @Test("What a killed run left running in its staging is ended")
    func runningLeftover() async throws {
        let left = self.folder.path("orders/.dorsal-staging-20261121T094058Z-000000")
        try self.folder.write("x", to: "orders/.dorsal-staging-20261121T094058Z-000000/x")
        let command = ToolCommand("/bin/sh", ["-c", "while :; do sleep 0.05; done", "sh", "--target-dir=\(left)/data"])
        _ = try await Service.with(command, log: self.folder.path("log"), grace: .seconds(10)) { service in
            try await Staging.with(self.id, self.repository, keepsLocal: true, self.telling.log) { _ in
                #expect(!service.isRunning)
                #expect(!FileManager.default.fileExists(atPath: left))
            }
        }
    }
}
