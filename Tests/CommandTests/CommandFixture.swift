import Foundation
import TestSupport

/// A configuration of a server that does not run, with a repository and a program to stand in for the server.
struct CommandFixture {
    static let id = "20261122T094058Z-1f3a9c"

    let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
        try self.configure()
        try FileManager.default.createDirectory(atPath: self.folder.path("backups"), withIntermediateDirectories: true)
    }

    var base: String { self.folder.path("base") }
    var data: String { self.folder.path("data") }

    func configure(repository: String? = nil) throws {
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

    func dorsal(_ arguments: String..., json: Bool = true) async throws -> DorsalResult {
        try await DorsalProcess.run(
            arguments + ["--config", self.folder.path("dorsal.yaml")] + (json ? ["--json"] : []),
            folder: self.folder.path
        )
    }

    /// A server's program that does nothing but what the script says.
    func installServer(_ script: String) throws {
        try self.folder.write("#!/bin/sh\n\(script)\n", to: "base/bin/mysqld", mode: 0o755)
    }

    /// A published backup with a package that holds nothing.
    func publish(version: String = "8.4.0") throws {
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
}
