import Failures
import Foundation
import GTID
import Glibc
import TestSupport
import Testing

@testable import Database
@testable import Engines

@Suite("Copying with an outside tool")
struct CopyToolEngineTests {
    private static let mysql = ServerVersion(flavor: .mysql, 8, 0, 36)
    private static let mariadb = ServerVersion(flavor: .mariadb, 10, 11, 19, text: "10.11.19-MariaDB")

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func request(
        _ address: Endpoint.Address = .socket("/run/s.sock"),
        password: Secret? = Secret("pa\"ss\\wo#rd"),
        optionFile: String? = nil
    ) -> SnapshotRequest {
        SnapshotRequest(
            endpoint: Endpoint(address, user: "dor'sal", password: password),
            facts: ServerFacts(
                version: Self.mysql,
                uuid: nil,
                serverID: 1,
                port: 3306,
                dataDirectory: "/var/lib/mysql",
                binlogEnabled: true,
                binlogBase: "/var/lib/mysql/bin",
                binlogIndex: "/var/lib/mysql/bin.index",
                gtidMode: "ON",
                binlogFormat: "ROW",
                outsideFolders: [:]
            ),
            optionFile: optionFile,
            folder: self.folder.path,
            osUser: "mysql"
        )
    }

    @Test("The password stands in a private file, and never in the arguments")
    func optionFile() throws {
        let server = try self.folder.write("[mysqld]\ninnodb_page_size = 8k\n", to: "my.cnf")
        let engine = CopyToolEngine(version: Self.mysql, base: nil)
        let path = try engine.writeOptionFile(self.request(optionFile: server))
        #expect(path == self.folder.path("login.cnf"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let file = try OptionFile(path: path)
        for group in ["client", "xtrabackup", "mariabackup"] {
            #expect(file.value(of: "password", in: [group]) == .value("pa\"ss\\wo#rd"))
            #expect(file.value(of: "user", in: [group]) == .value("dor'sal"))
        }
        #expect(file.value(of: "innodb_page_size", in: ["mysqld"]) == .value("8k"))
        let arguments = engine.tool.backupArguments(
            .init(
                optionFile: path,
                user: "dorsal",
                socket: "/s",
                dataDirectory: "/d",
                target: "/t",
                parallel: 2
            )
        )
        #expect(arguments.first == "--defaults-file=\(path)")
        #expect(!arguments.contains { $0.contains("pa\"ss") })
    }

    @Test(
        "Options that would make the copy partial are refused, those of other programs are not",
        arguments: [
            "[mariabackup]\ndatabases-exclude=shop", "[xtrabackup]\nloose-compress", "[mariabackup]\nstream=xbstream",
        ]
    )
    func partialCopy(_ text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("[mysqld]\nport=3306\n[mysqldump]\ntables\n\(text)\n", to: "my.cnf")
        let failure = try #require(throws: Failure.self) { try CopyToolEngine.refusePartialCopies(path) }
        #expect(failure.class == .unusable)
        #expect(failure.message.hasPrefix("\(path):6: "))
        try folder.write("[mysqld]\nport=3306\n[mysqldump]\ntables\n[mariabackup]\nparallel=4\n", to: "fine.cnf")
        try CopyToolEngine.refusePartialCopies(folder.path("fine.cnf"))
    }

    @Test("Without a password or an option file of the server there is no line for them")
    func optionFileWithout() throws {
        let engine = CopyToolEngine(version: Self.mariadb, base: nil)
        let path = try engine.writeOptionFile(self.request(password: nil, optionFile: self.folder.path("none.cnf")))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains("password"))
        #expect(!text.contains("!include"))
        #expect(text.contains("[client]\nuser=\"dor'sal\"\n"))
    }

    @Test(
        "Quotes and backslashes come through an option file as they were",
        arguments: ["a\"b", "\\", "x#y ;z", " p "]
    )
    func quoted(_ value: String) throws {
        let file = try self.folder.write("[client]\npassword=\(OptionFileText.quoted(value))\n", to: "quoted.cnf")
        #expect(try OptionFile(path: file).value(of: "password", in: ["client"]) == .value(value))
        #expect(OptionFileText.quoted(value).hasPrefix("\""))
    }

    @Test("A server that is reached over TCP only cannot be copied")
    func needsSocket() async throws {
        let engine = CopyToolEngine(version: Self.mysql, base: nil)
        let failure = try await #require(throws: Failure.self) {
            try await engine.snapshot(self.request(.tcp(host: "db1", port: 3306)))
        }
        #expect(failure.class == .usage)
        #expect(failure.hint == "set instance.socket")
        #expect(!FileManager.default.fileExists(atPath: self.folder.path("login.cnf")))
    }

    @Test("A missing tool is named with what installs it, and no password is left lying about")
    func missingProgram() async throws {
        for (kind, hint) in [
            (EngineKind.mariabackup, "apt-get install mariadb-backup"), (.xtrabackup, "install Percona XtraBackup 8.0"),
        ] {
            let tool = CopyTool(
                kind: kind,
                programs: ["dorsal-no-such-tool", "dorsal-nor-this"],
                streamPrograms: [],
                streamFormat: "",
                backupOptions: [],
                infoPrefixes: [],
                privileges: [],
                series: kind == .xtrabackup ? "8.0" : nil
            )
            let engine = CopyToolEngine(tool, flavor: .mysql, base: self.folder.path)
            #expect(engine.program == nil)
            let prepare = try await #require(throws: Failure.self) {
                try await engine.prepare(directory: self.folder.path, memory: 1 << 20)
            }
            #expect(prepare.class == .unusable)
            #expect(prepare.message == "dorsal-no-such-tool or dorsal-nor-this is not on this machine")
            #expect(prepare.hint == hint)
            let snapshot = try await #require(throws: Failure.self) { try await engine.snapshot(self.request()) }
            #expect(snapshot.hint == hint)
            #expect(!FileManager.default.fileExists(atPath: self.folder.path("login.cnf")))
        }
    }

    @Test("The tool's series must be the server's")
    func versionCheck() throws {
        let xtrabackup = CopyToolEngine(version: Self.mysql, base: nil)
        try xtrabackup.check(ServerVersion(parsing: "8.0.35-30"), fits: Self.mysql)
        let old = try #require(throws: Failure.self) {
            try xtrabackup.check(ServerVersion(parsing: "2.4.29"), fits: Self.mysql)
        }
        #expect(old.class == .unusable)
        #expect(old.message == "xtrabackup 2.4.29 cannot copy MySQL 8.0.36")
        #expect(old.hint == "install Percona XtraBackup 8.0")
        let mariabackup = CopyToolEngine(version: Self.mariadb, base: nil)
        try mariabackup.check(ServerVersion(parsing: "10.11.2-MariaDB"), fits: Self.mariadb)
        let other = try #require(throws: Failure.self) {
            try mariabackup.check(ServerVersion(parsing: "10.6.16-MariaDB"), fits: Self.mariadb)
        }
        #expect(other.message == "mariadb-backup 10.6.16-MariaDB does not fit the server 10.11.19-MariaDB")
    }

    @Test("A program below the server's base goes before the system's")
    func programBelowBase() throws {
        let path = try self.folder.write("#!/bin/sh\n", to: "bin/mariabackup", mode: 0o755)
        #expect(CopyToolEngine(version: Self.mariadb, base: self.folder.path).program == path)
    }
}
