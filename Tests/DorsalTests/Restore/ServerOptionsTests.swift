import Failures
import Foundation
import TestSupport
import Testing

@testable import Database
@testable import Dorsal

@Suite("Option files of temporary servers")
struct ServerOptionsTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private var data: String { self.folder.path("data") }

    /// Writes both files for a layout and returns them: the replay's and the rejoin's.
    private func write(_ text: String, _ options: RestoreOptions = RestoreOptions()) throws -> [OptionFile] {
        let source = try OptionFile(path: self.folder.write(text, to: "source.cnf"))
        let manifest = try Manifest.sample(dataDirectory: self.data, binlogBase: "\(self.data)/bin")
        let layout = TargetLayout(manifest, .sample(data: self.data), options)
        try ServerOptions(layout).write(from: source, groups: ["mysqld"], nil)
        return [try OptionFile(path: layout.replayOptionFile), try OptionFile(path: layout.rejoinOptionFile)]
    }

    private func value(_ file: OptionFile, _ key: String) -> OptionValue? { file.value(of: key, in: ["mysqld"]) }

    @Test(
        "What would make a temporary server reachable, or act at its start, is left out of both",
        arguments: [
            "init-file", "init_file", "log-error", "pid_file", "socket", "port", "bind-address", "datadir", "user",
            "server-id", "daemonize", "skip-grant-tables",
        ]
    )
    func harmful(_ key: String) throws {
        for file in try self.write("[mysqld]\n\(key)=1\nsort_buffer_size=1M\n") {
            #expect(self.value(file, key) == nil)
            #expect(self.value(file, "sort_buffer_size") == .value("1M"))
        }
    }

    @Test(
        "Filters would swallow events of the replay; the rejoin keeps them and tells of them",
        arguments: [
            "replicate-do-db", "replicate-ignore-db", "replicate-do-table", "replicate-ignore-table",
            "replicate-wild-do-table", "replicate_wild_ignore_table", "replicate-rewrite-db",
        ]
    )
    func filters(_ key: String) throws {
        let files = try self.write("[mysqld]\n\(key)=shop\n\(key)=other\n")
        #expect(self.value(files[0], key) == nil)
        #expect(self.value(files[1], key) == .value("other"))
        #expect(try ServerOptions.filters(in: files[0].path) == [])
        #expect(try ServerOptions.filters(in: files[1].path) == [key.replacing("-", with: "_")])
    }

    @Test("The replay has no logs of the instance's; the rejoin has them", arguments: ["log-bin", "relay-log"])
    func history(_ key: String) throws {
        let files = try self.write("[mysqld]\n\(key)=name\nlog-slave-updates\nlog_replica_updates=1\n")
        #expect(self.value(files[0], key) == nil)
        #expect(self.value(files[0], "log_slave_updates") == nil)
        #expect(self.value(files[0], "log_replica_updates") == nil)
        #expect(self.value(files[1], key) == .value("name"))
    }

    @Test("Elsewhere nothing points at the original instance any more")
    func relocation() throws {
        let target = self.folder.path("copy")
        let text = """
            [mysqld]
            relay_log=/var/lib/mysql/relay
            relay_log_index=/var/lib/mysql/relay.index
            tmpdir=/var/lib/mysql/tmp
            general_log_file=/var/lib/mysql/general.log
            slow_query_log_file=/var/lib/mysql/slow.log
            log_bin=/var/lib/mysql/bin
            mysqlx_port=33060
            admin_port=33062
            max_connections=7

            """
        let options = RestoreOptions(targetDirectory: target, port: 3399, socket: "\(target)/s")
        for file in try self.write(text, options) {
            let written = try String(contentsOfFile: file.path, encoding: .utf8)
            #expect(!written.contains("/var/lib/mysql"))
            #expect(self.value(file, "mysqlx_port") == nil)
            #expect(self.value(file, "admin_port") == nil)
            #expect(self.value(file, "max_connections") == .value("7"))
        }
    }

    @Test("What a relocation sets, for the option file that the instance is started with")
    func relocated() throws {
        let options = RestoreOptions(targetDirectory: "/copy", port: 3399, socket: "/copy/s")
        let layout = TargetLayout(try .sample(), .sample(), options)
        let source = try OptionFile(
            path: self.folder.write("[mysqld]\ndatadir=/var/lib/mysql\nport=3306\n", to: "a.cnf")
        )
        let text = source.flattened(groups: ["mysqld"], overrides: layout.relocation())
        for line in [
            "datadir = /copy", "port = 3399", "socket = /copy/s", "pid_file = /copy/server.pid",
            "log_error = /copy/error.log", "log_bin = /copy/bin", "log_bin_index = /copy/bin.index",
            "relay_log = /copy/relay-bin",
        ] {
            #expect(text.contains("\(line)\n"), "\(line)")
        }
        #expect(!text.contains("3306"))
    }

    @Test("A folder that cannot be made, or options that cannot be read, fail")
    func failures() throws {
        try self.folder.write("a file", to: "data.dorsal-restore")
        #expect(throws: (any Error).self) { try self.write("[mysqld]\n") }
        let none = self.folder.path("none.cnf")
        let failure = try #require(throws: Failure.self) { try ServerOptions.filters(in: none) }
        #expect(failure.class == .usage)
    }
}
