import Foundation
import Progress
import TestSupport
import Testing

@testable import Dorsal

@Suite("The well-known link to the newest package")
struct LinkTests {
    private let folder: TemporaryFolder
    private let repository: LocalRepository
    private let telling = Telling()

    init() throws {
        self.folder = try TemporaryFolder()
        self.repository = try LocalRepository(.sample(local: self.folder.path))
    }

    private func target() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: self.folder.path("mysql-3306.tgz"))
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.folder.path).sorted()
    }

    @Test("It is relative, and points at the newest")
    func replaced() throws {
        let log = self.telling.log
        for id in ["20261122T094058Z-1f3a9c", "20261122T094059Z-1f3a9c"] {
            try self.folder.write("package of \(id)", to: "orders/\(id)/package.tar.gz")
            try self.repository.link(.sample(id: id), port: 3306, log)
            #expect(try self.target() == "orders/\(id)/package.tar.gz")
            let text = try String(contentsOfFile: self.folder.path("mysql-3306.tgz"), encoding: .utf8)
            #expect(text == "package of \(id)")
        }
        #expect(try self.names() == ["mysql-3306.tgz", "orders"])
        #expect(log.warnings == [])
    }

    @Test("A package of another compression has a name of its own, and no link points at an older one")
    func otherCompression() throws {
        let log = self.telling.log
        try self.repository.link(.sample(), port: 3306, log)
        try self.repository.link(.sample(id: "20261122T094059Z-1f3a9c", package: "package.tar.zst"), port: 3306, log)
        #expect(try self.names() == ["mysql-3306.tar.zst"])
        #expect(log.warnings == [])
    }

    @Test("A dead link, or one that an interrupted run left, is no obstacle")
    func deadLinks() throws {
        for name in ["mysql-3306.tgz", ".mysql-3306.tgz.new"] {
            let path = self.folder.path(name)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "gone")
        }
        try self.repository.link(.sample(), port: 3306, self.telling.log)
        #expect(try self.target() == "orders/20261122T094058Z-1f3a9c/package.tar.gz")
        #expect(try self.names() == ["mysql-3306.tgz"])
    }

    @Test("An earlier tool's own package is moved aside, not overwritten")
    func movedAside() throws {
        try self.folder.write("precious", to: "mysql-3306.tgz")
        try self.repository.link(.sample(), port: 3306, self.telling.log)
        #expect(try self.target() == "orders/20261122T094058Z-1f3a9c/package.tar.gz")
        let aside = try #require(try self.names().first { $0.hasPrefix("mysql-3306.tgz.before-") })
        #expect(try String(contentsOfFile: self.folder.path(aside), encoding: .utf8) == "precious")
        guard case .note(let text)? = self.telling.events.first else { return #expect(Bool(false), "nothing was told") }
        #expect(text.hasSuffix(aside))
    }

    @Test("A link that cannot be set is a warning, as the backup is there all the same")
    func cannotBeSet() throws {
        let repository = try LocalRepository(.sample(local: self.folder.path("gone")))
        let log = self.telling.log
        try repository.link(.sample(), port: 3306, log)
        #expect(log.warnings.count == 1)
        #expect(log.warnings.first?.hasPrefix("the link \(self.folder.path("gone"))/mysql-3306.tgz could not") == true)
    }
}
