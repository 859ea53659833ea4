import Database
import Failures
import Foundation
import GTID
import TestSupport
import Testing

@testable import Engines

@Suite("Which engine copies a server")
struct EngineChoiceTests {
    private static let mysql = ServerVersion(flavor: .mysql, 8, 4, 0)
    private static let mariadb = ServerVersion(flavor: .mariadb, 10, 11, 19, text: "10.11.19-MariaDB")

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("MariaDB has its own tool, installed or not")
    func mariadb() throws {
        #expect(try EngineKind.choose(nil, Self.mariadb, base: self.folder.path).kind == .mariabackup)
        #expect(try EngineKind.choose(.mariabackup, Self.mariadb, base: self.folder.path).kind == .mariabackup)
    }

    @Test("MySQL is copied by xtrabackup where it is, else by itself")
    func mysql() throws {
        let isInstalled = Installation.program(["xtrabackup"], base: nil) != nil
        let without = try EngineKind.choose(nil, Self.mysql, base: self.folder.path)
        #expect(without.kind == (isInstalled ? .xtrabackup : .clone))
        try self.folder.write("#!/bin/sh\n", to: "bin/xtrabackup", mode: 0o755)
        #expect(try EngineKind.choose(nil, Self.mysql, base: self.folder.path).kind == .xtrabackup)
    }

    @Test("What is asked for is taken, even if it has to be installed first")
    func explicit() throws {
        let clone = try EngineKind.choose(.clone, Self.mysql, base: self.folder.path)
        #expect(clone is CloneEngine)
        #expect(clone.kind == .clone)
        #expect(Set(clone.privileges) == ["BACKUP_ADMIN", "SELECT"])
        let xtrabackup = try EngineKind.choose(.xtrabackup, Self.mysql, base: self.folder.path)
        #expect(xtrabackup.kind == .xtrabackup)
        #expect(xtrabackup.privileges == CopyTool.xtrabackup84(series: "8.4").privileges)
    }

    @Test("A tool of the other kind of server is refused, and the right one named")
    func mismatch() throws {
        let wrong = [
            (EngineKind.mariabackup, Self.mysql, "xtrabackup"), (.xtrabackup, Self.mariadb, "mariabackup"),
        ]
        for (kind, version, right) in wrong {
            let failure = try #require(throws: Failure.self) { try EngineKind.choose(kind, version, base: nil) }
            #expect(failure.class == .unusable)
            #expect(failure.message == "the engine \(kind.rawValue) does not fit the server \(version.text)")
            #expect(failure.hint == "set backup.engine to auto or \(right)")
        }
    }

    @Test("A clone needs nothing done before a server starts on it")
    func clonePrepare() async throws {
        try self.folder.write("x", to: "data/ibdata1")
        try await CloneEngine().prepare(directory: self.folder.path("data"), memory: 1)
        #expect(try String(contentsOfFile: self.folder.path("data/ibdata1"), encoding: .utf8) == "x")
    }
}
