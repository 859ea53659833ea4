import Dorsal
import Failures
import Foundation
import Glibc
import Processes
import Storage
import TestSupport
import Testing

/// Every exit code of the table that needs no running server.
@Suite("The built program: exit codes")
struct ExitCodeTests {
    private static let id = "20261122T094058Z-1f3a9c"

    private let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
        try self.configure()
        try FileManager.default.createDirectory(atPath: self.folder.path("backups"), withIntermediateDirectories: true)
    }

    private var base: String { self.folder.path("base") }
    private var data: String { self.folder.path("data") }

    private func configure(repository: String? = nil) throws {
        let text = """
            instance:
              name: orders
              id: 1
              port: \(try ListeningSocket.freePort())
              base: \(self.base)
              data: \(self.data)
              socket: \(self.folder.path("none.sock"))
              os_user: root
            repository:
              local: \(repository ?? self.folder.path("backups"))

            """
        try self.folder.write(text, to: "dorsal.yaml")
    }

    private func dorsal(_ arguments: String..., json: Bool = true) async throws -> DorsalResult {
        try await DorsalProcess.run(
            arguments + ["--config", self.folder.path("dorsal.yaml")] + (json ? ["--json"] : []),
            folder: self.folder.path
        )
    }

    /// A server's program that does nothing but what the script says.
    private func installServer(_ script: String) throws {
        try self.folder.write("#!/bin/sh\n\(script)\n", to: "base/bin/mysqld", mode: 0o755)
    }

    /// A published backup with a package that holds nothing.
    private func publish(version: String = "8.4.0") throws {
        let set = "{\"flavor\": \"mysql\", \"set\": \"\"}"
        let manifest = """
            {"version": 1, "id": "\(Self.id)", "instance": {"name": "orders", "port": 3306},
            "started": "2026-11-22T09:40:58Z", "finished": "2026-11-22T09:41:58Z",
            "server": {"flavor": "mysql", "version": "\(version)", "server_id": 1, "data_directory": "\(self.data)",
            "binlog_base": "\(self.data)/bin", "binlog_index": "\(self.data)/bin.index"},
            "engine": {"kind": "clone", "tool": "clone 8.4.0"}, "data": {"lower": \(set), "upper": \(set)},
            "binlogs": [], "channels": [], "config_files": [],
            "package": {"name": "package.tar.gz", "digest":
            {"bytes": 4, "sha256": "00", "sha1": "00", "files": [], "directories": []}}}
            """
        try self.folder.write(manifest, to: "backups/orders/\(Self.id)/manifest.json")
        try self.folder.write("junk", to: "backups/orders/\(Self.id)/package.tar.gz")
    }

    private func expectError(_ result: DorsalResult, _ failureClass: Failure.Class, _ message: String) {
        #expect(result.status == failureClass.rawValue, "\(result.all)")
        #expect(result.objects("error").last?["code"] as? Int == Int(failureClass.rawValue))
        #expect(result.error("class") == failureClass.name)
        #expect(result.error("message").contains(message), "\(result.all)")
    }

    @Test("0 and nothing to say: an empty repository")
    func emptyList() async throws {
        for json in [true, false] {
            let result = try await self.dorsal("list", json: json)
            #expect(result.status == 0)
            #expect(result.out == "")
            #expect(result.err == "")
        }
    }

    @Test("0: a whole backup is listed and shown")
    func list() async throws {
        try self.publish()
        let result = try await self.dorsal("list")
        #expect(result.status == 0)
        #expect(result.objects("backup").first?["id"] as? String == Self.id)
        let shown = try await self.dorsal("show", "latest", json: false)
        #expect(shown.status == 0)
        #expect(shown.out.contains("\"id\" : \"\(Self.id)\""))
    }

    @Test("2: a list with a damaged backup in it")
    func warning() async throws {
        try self.publish()
        try self.folder.write("{", to: "backups/orders/20261122T094059Z-1f3a9c/manifest.json")
        let result = try await self.dorsal("list", json: false)
        #expect(result.status == 2)
        #expect(result.out.contains("20261122T094059Z-1f3a9c  DAMAGED: "))
        #expect(result.out.contains(Self.id))
    }

    @Test("3: no server program, data of a later series, no data directory")
    func unusable() async throws {
        try self.publish()
        self.expectError(try await self.dorsal("restore"), .unusable, "no server program")
        try self.installServer("echo 'mysqld  Ver 8.0.36 for Linux on x86_64'")
        self.expectError(try await self.dorsal("restore"), .unusable, "cannot start on data of 8.4.0")
        self.expectError(try await self.dorsal("catch-up"), .unusable, "is not a data directory")
    }

    @Test("5: a repository that is not there, or leads through a file")
    func storage() async throws {
        try self.configure(repository: self.folder.path("unmounted"))
        self.expectError(try await self.dorsal("list"), .storage, self.folder.path("unmounted"))
        #expect(!FileManager.default.fileExists(atPath: self.folder.path("unmounted")))
        try self.folder.write("a file", to: "file")
        try self.configure(repository: self.folder.path("file/backups"))
        self.expectError(try await self.dorsal("list"), .storage, self.folder.path("file/backups"))
    }

    @Test("6: nobody answers at the socket")
    func database() async throws {
        let result = try await self.dorsal("backup")
        self.expectError(result, .database, "no server answers at \(self.folder.path("none.sock"))")
        #expect(result.error("hint").contains("instance.socket"))
        #expect(!FileManager.default.fileExists(atPath: self.folder.path("backups/orders/\(Self.id)")))
    }

    @Test("7: a damaged manifest, a missing package, a damaged package")
    func integrity() async throws {
        try self.publish()
        try self.installServer("echo 'mysqld  Ver 8.4.0 for Linux on x86_64'")
        self.expectError(try await self.dorsal("restore"), .integrity, "package")
        #expect(!FileManager.default.fileExists(atPath: self.data))
        try FileManager.default.removeItem(atPath: self.folder.path("backups/orders/\(Self.id)/package.tar.gz"))
        self.expectError(try await self.dorsal("restore"), .integrity, "is missing")
        try self.folder.write("{", to: "backups/orders/\(Self.id)/manifest.json")
        self.expectError(try await self.dorsal("show", Self.id), .integrity, "is damaged")
    }

    @Test("11: another restore of the target is going on")
    func locked() async throws {
        try self.publish()
        try self.installServer("echo 'mysqld  Ver 8.4.0 for Linux on x86_64'")
        try self.folder.write("", to: "data.restore/lock")
        let lock = try FileLock(at: "\(self.data).restore/lock", command: "another restore")
        defer { lock.release() }
        let result = try await self.dorsal("restore")
        self.expectError(result, .locked, "is locked by process")
        #expect(result.all.contains("another restore"))
        #expect(!FileManager.default.fileExists(atPath: self.data))
    }

    @Test("130 and 143: interrupted while a child runs, which is ended", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
        try self.publish()
        try self.installServer("while :; do sleep 0.05; done")
        let program = "\(self.base)/bin/mysqld"
        let arguments = ["restore", "--config", self.folder.path("dorsal.yaml"), "--json"]
        let result = try await DorsalProcess.run(arguments, folder: self.folder.path, syncPoint: "plan") { paused in
            paused.resume()
            while ProcessTable.processes(withArgumentContaining: program).isEmpty {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, signal)
        }
        #expect(result.status == 128 + signal, "\(result.all)")
        #expect(result.error("message").hasPrefix("interrupted by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"))
        #expect(ProcessTable.processes(withArgumentContaining: program) == [])
    }
    @Test("A second signal ends the program at once, whatever its children do")
    func secondSignal() async throws {
        try self.publish()
        let asked = self.folder.path("asked")
        try self.installServer(
            "exec > /dev/null 2>&1\ntrap ': > \(asked)' TERM\n: > \(asked).ready\nwhile :; do sleep 0.05; done"
        )
        let program = "\(self.base)/bin/mysqld"
        let arguments = ["restore", "--config", self.folder.path("dorsal.yaml")]
        let result = try await DorsalProcess.run(arguments, folder: self.folder.path, syncPoint: "plan") { paused in
            paused.resume()
            while !FileManager.default.fileExists(atPath: "\(asked).ready") {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, SIGTERM)
            while !FileManager.default.fileExists(atPath: asked) {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, SIGTERM)
        }
        #expect(result.status == 143, "\(result.all)")
        try await ProcessTable.end(ProcessTable.processes(withArgumentContaining: program), grace: .zero)
    }
}
