import Database
import Failures
import Foundation
import GTID
import Glibc
import Processes
package import Sandbox

/// A few real servers, a configuration for the first of them, and the built program to run with it.
package struct Scenario: Sendable {
    package let group: SandboxGroup
    package let server: TestServer
    /// Where the configuration, the repository and outputs are.
    package let folder: String

    /// The user that Dorsal logs in as.
    package static let user = "dorsal"
    /// Its password.
    package static let password = "dorsal-Secret-Word-2"

    /// The server that is backed up, and lost.
    package var lost: SandboxServer { self.group.servers[0] }
    package var peers: [SandboxServer] { Array(self.group.servers.dropFirst()) }
    package var peer: SandboxServer { self.group.servers[1] }
    package var configurationFile: String { "\(self.folder)/dorsal.yaml" }
    package var repository: String { "\(self.folder)/backups" }
    package var instanceFolder: String { "\(self.repository)/orders" }

    /// Starts servers that replicate from one another, writes a configuration, and runs the closure.
    package static func with(
        _ server: TestServer,
        servers count: Int = 2,
        options: [String] = [],
        body: @Sendable @escaping (Scenario) async throws -> Void
    ) async throws {
        try await Gate.servers.pass {
            let kind = try await server.kind()
            let templates = try await Templates.shared.prepare(kind)
            try await SandboxGroup.with(kind, count: count, templates: templates, options: options) { group in
                let folder = "\(group.folder)/dorsal"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let scenario = Scenario(group: group, server: server, folder: folder)
                try await scenario.prepare()
                try await body(scenario)
            }
        }
    }

    private func prepare() async throws {
        try Self.write(Self.password, to: "\(self.folder)/password", mode: 0o600)
        try Self.write(SandboxTemplate.replicationPassword, to: "\(self.folder)/replication-password", mode: 0o600)
        try self.configure()
        for server in self.group.servers {
            try await server.query(
                "SET SESSION sql_log_bin = 0",
                "CREATE USER '\(Self.user)'@'localhost' IDENTIFIED BY '\(Self.password)'",
                "GRANT ALL PRIVILEGES ON *.* TO '\(Self.user)'@'localhost' WITH GRANT OPTION"
            )
        }
        try await self.lost.query(
            "CREATE DATABASE shop",
            "CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, server INT, note VARCHAR(200))",
            "INSERT INTO shop.orders (server, note) VALUES (1, 'first')"
        )
        for peer in self.peers { try await SandboxGroup.waitUntil(peer, has: self.lost) }
    }

    /// Writes the configuration.
    ///
    /// - Parameters:
    ///   - sources: the peers to name; nil for all.
    ///   - instance: further or other lines for the section `instance`.
    ///   - repository: the lines of the section `repository`; nil for the local one.
    ///   - more: further lines at the end.
    package func configure(
        sources: [SandboxServer]? = nil,
        instance: [String: String] = [:],
        repository: [String]? = nil,
        more: String = ""
    ) throws {
        var settings = [
            "name": "orders", "id": "1", "port": "\(self.lost.port)", "data": self.lost.dataDirectory,
            "my_cnf": self.lost.optionFile, "socket": self.lost.socket, "user": Self.user,
            "password_file": "\(self.folder)/password", "os_user": SandboxServer.osUser,
        ]
        if let base = self.lost.kind.installation.base { settings["base"] = base }
        settings.merge(instance) { $1 }
        let lines = settings.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        let named = (sources ?? self.peers).map { "    - { id: \($0.id), host: 127.0.0.1, port: \($0.port) }" }
        let replication = """
            replication:
              user: \(SandboxTemplate.replicationUser)
              password_file: \(self.folder)/replication-password
            \(named.isEmpty ? "" : "  sources:\n" + named.joined(separator: "\n"))
            """
        let places = (repository ?? ["local: \(self.repository)"]).map { "  \($0)" }
        let text =
            "instance:\n\(lines.joined(separator: "\n"))\nrepository:\n\(places.joined(separator: "\n"))\n"
            + "\(replication)\n\(more)\n"
        try Self.write(text, to: self.configurationFile, mode: 0o600)
    }

    package static func write(_ text: String, to path: String, mode: Int) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Runs the program with the scenario's configuration and JSON output.
    package func dorsal(
        _ arguments: String...,
        environment: [String: String] = [:],
        syncPoint: String? = nil,
        atSyncPoint: (DorsalProcess.Paused) async throws -> Void = { $0.resume() },
        during: (Int32) async throws -> Void = { _ in }
    ) async throws -> DorsalResult {
        try await DorsalProcess.run(
            arguments + ["--config", self.configurationFile, "--json"],
            folder: self.folder,
            environment: environment,
            syncPoint: syncPoint,
            atSyncPoint: atSyncPoint,
            during: during
        )
    }
}

extension Scenario {
    /// Inserts a row that can be found again.
    package func insert(_ note: String, on server: SandboxServer? = nil) async throws {
        let server = server ?? self.lost
        try await server.query("INSERT INTO shop.orders (server, note) VALUES (\(server.id), '\(note)')")
    }

    /// Whether a server has the row.
    package func has(_ note: String, on server: SandboxServer) async throws -> Bool {
        try await server.value("SELECT COUNT(*) FROM shop.orders WHERE note = '\(note)'") != "0"
    }

    /// Waits until all peers have what the server to be lost has, and kills it; its data directory is gone then.
    package func lose(keepData: Bool = false) async throws {
        for peer in self.peers where await peer.pid != nil { try await SandboxGroup.waitUntil(peer, has: self.lost) }
        try await self.lost.stop(SIGKILL)
        if !keepData { try FileManager.default.removeItem(atPath: self.lost.dataDirectory) }
    }

    /// Writes on servers, one row after another, until the closure has ended.
    package func whileWriting<Result: Sendable>(
        on servers: [SandboxServer],
        body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            for server in servers {
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        try await self.insert("meanwhile \(number)", on: server)
                    }
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CancellationError()
        }
    }

    /// The checksums of all tables of all users' schemas.
    package func checksums(of server: SandboxServer) async throws -> [String: String] {
        let tables = try await server.query(
            """
            SELECT CONCAT('`', table_schema, '`.`', table_name, '`') AS name FROM information_schema.tables
            WHERE table_type = 'BASE TABLE'
                AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
            """
        ).compactMap(\.first)
        var sums: [String: String] = [:]
        for table in tables {
            sums[table] = try await server.query("CHECKSUM TABLE \(table)").first?["Checksum"] ?? "none"
        }
        return sums
    }

    /// Starts the restored server as its user would; afterwards writes travel both ways.
    package func startRestored() async throws {
        try await self.lost.start()
        for peer in self.peers where await peer.pid != nil {
            // A receiver waits up to a minute before it tries again.
            let channel = "source-\(self.lost.id)"
            try await peer.query(peer.dialect.stop(channel), peer.dialect.start(channel))
        }
    }

    /// The ids of the published backups.
    package func backupIDs() throws -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.instanceFolder)) ?? []
        return names.filter { FileManager.default.fileExists(atPath: "\(self.instanceFolder)/\($0)/manifest.json") }
            .sorted()
    }

    /// The newest backup's package.
    package func package() throws -> String {
        "\(self.instanceFolder)/\(try self.backupIDs().last ?? "none")/package.tar.gz"
    }

    /// What is in the instance's folder besides published backups and the lock.
    package func leftovers() throws -> [String] {
        let ids = try self.backupIDs()
        return try FileManager.default.contentsOfDirectory(atPath: self.instanceFolder)
            .filter { !ids.contains($0) && $0 != ".lock" }
    }
}

extension Scenario {
    /// Takes a backup that must succeed.
    @discardableResult
    package func backUp() async throws -> DorsalResult {
        let result = try await self.dorsal("backup")
        guard result.status == 0 else { throw Failure(.internal, "the backup failed", cause: result.all) }
        return result
    }

    /// Removes all binary logs of a server but a fresh one.
    package func purge(_ server: SandboxServer) async throws {
        try await server.query("FLUSH BINARY LOGS")
        let newest = try await server.query("SHOW BINARY LOGS").last?.first ?? ""
        let deadline = ContinuousClock.now + .seconds(60)
        // MariaDB keeps files that a replica still reads, and says nothing of it.
        while try await server.query("PURGE BINARY LOGS TO '\(newest)'", "SHOW BINARY LOGS").first?.first != newest {
            guard ContinuousClock.now < deadline else {
                throw Failure(.internal, "server \(server.id) does not purge its binary logs")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension Scenario {
    /// Fills a table of its own with at least so many rows.
    package func fill(rows: Int) async throws {
        try await self.lost.query(
            "CREATE TABLE shop.bulk (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200))",
            "INSERT INTO shop.bulk (text) VALUES (CONCAT(UUID(), REPEAT('x', 100)))"
        )
        var count = 1
        while count < rows {
            try await self.lost.query(
                "INSERT INTO shop.bulk (text) SELECT CONCAT(UUID(), REPEAT('x', 100)) FROM shop.bulk"
            )
            count *= 2
        }
    }
}
