import Database
import Failures
import Foundation
import GTID
import Glibc
import TestSupport
import Testing

@Suite("Installations of servers")
struct InstallationTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func program(_ path: String, prints text: String, mode: Int = 0o755) throws {
        try self.folder.write("#!/bin/sh\necho \"$1 $2\" > \"$0.arguments\"\necho '\(text)'\n", to: path, mode: mode)
    }

    @Test(
        "The server is found in bin, sbin or libexec, and asked for its version",
        arguments: ["bin", "sbin", "libexec"]
    )
    func find(_ place: String) async throws {
        try self.program("\(place)/mysqld", prints: "mysqld  Ver 8.4.0 for Linux on x86_64")
        let found = try await Installation.find(base: self.folder.path)
        #expect(found.server == self.folder.path("\(place)/mysqld"))
        #expect(found.version.flavor == .mysql)
        #expect(found.version.series == "8.4")
        #expect(found.base == self.folder.path)
        let arguments = try String(contentsOfFile: self.folder.path("\(place)/mysqld.arguments"), encoding: .utf8)
        #expect(arguments == "--no-defaults --version\n")
    }

    @Test("The folder's own name holds no version")
    func versionInPath() async throws {
        try self.program("mysql-5.7.44-mariadb/bin/mysqld", prints: "$0  Ver 8.4.0 for Linux")
        let script = "#!/bin/sh\necho \"$0  Ver 8.4.0 for Linux on x86_64\"\n"
        try self.folder.write(script, to: "mysql-5.7.44-mariadb/bin/mysqld", mode: 0o755)
        let found = try await Installation.find(base: self.folder.path("mysql-5.7.44-mariadb"))
        #expect(found.version.series == "8.4")
        #expect(found.version.flavor == .mysql)
    }

    @Test("mariadbd goes before mysqld; what cannot be executed is passed over")
    func choice() throws {
        try self.program("bin/mysqld", prints: "")
        try self.program("bin/mariadbd", prints: "", mode: 0o644)
        #expect(Installation.program(["mariadbd", "mysqld"], base: self.folder.path) == self.folder.path("bin/mysqld"))
        try self.program("bin/mariadbd", prints: "")
        #expect(
            Installation.program(["mariadbd", "mysqld"], base: self.folder.path) == self.folder.path("bin/mariadbd")
        )
    }

    @Test("No server below the base is a failure with the remedy; the system's is not taken instead")
    func none() async throws {
        let failure = try await #require(throws: Failure.self) { try await Installation.find(base: self.folder.path) }
        #expect(failure.class == .unusable)
        #expect(failure.message.hasSuffix("below \(self.folder.path)"))
        #expect(failure.hint?.contains("instance.base") == true)
        #expect(Installation.program(["sh"], base: self.folder.path) == nil)
        #expect(Installation.program(["sh"], base: nil)?.hasSuffix("/sh") == true)
    }

    @Test("A program that does not run, or prints no version, is a failure")
    func broken() async throws {
        try self.folder.write("#!/bin/sh\necho cannot load; exit 127\n", to: "bin/mysqld", mode: 0o755)
        let broken = try await #require(throws: Failure.self) { try await Installation.find(base: self.folder.path) }
        #expect(broken.class == .unusable)
        #expect(broken.cause == "cannot load")
        try self.program("bin/mysqld", prints: "hello")
        let mute = try await #require(throws: Failure.self) { try await Installation.find(base: self.folder.path) }
        #expect(mute.class == .database)
        #expect(mute.message == "no server version in 'hello'")
    }

    @Test("An unknown system user is a failure of the configuration", .enabled(if: getuid() == 0))
    func unknownOwner() throws {
        let failure = try #require(throws: Failure.self) { try Ownership.find("no-such-user-here") }
        #expect(failure.class == .usage)
        #expect(failure.hint == "set instance.os_user to the server's user")
        let root = try #require(try Ownership.find("root"))
        #expect(root.uid == 0)
        #expect(throws: Failure.self) { try root.give(self.folder.path("none")) }
    }
}
