package import Database
import Failures
import Foundation
import GTID
import Glibc

/// A few throw-away servers that replicate from one another.
package struct SandboxGroup: Sendable {
    package let folder: String
    package let kind: SandboxServer.Kind
    package let servers: [SandboxServer]
    package let launcher: Launcher

    /// Starts servers in a scratch folder, each replicating from all others, and runs the closure.
    ///
    /// All servers have ended, and the folder is gone, when this returns.
    ///
    /// - Parameters:
    ///   - templates: a folder that keeps fresh data directories for further groups; nil for the scratch folder.
    ///   - options: further lines for each server's option file.
    package static func with<Result: Sendable>(
        _ kind: SandboxServer.Kind,
        count: Int,
        templates: String? = nil,
        options: [String] = [],
        body: @Sendable @escaping (SandboxGroup) async throws -> Result
    ) async throws -> Result {
        let folder = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let template = try await SandboxTemplate.make(kind, in: templates ?? folder)
        return try await Launcher.with { launcher in
            var servers: [SandboxServer] = []
            for id in 1...count {
                let server = SandboxServer(
                    kind,
                    folder: "\(folder)/\(id)",
                    id: UInt32(id),
                    port: try FreePort.any(),
                    launcher: launcher,
                    extraOptions: options
                )
                try await server.create(template: template)
                servers.append(server)
            }
            let group = SandboxGroup(folder: folder, kind: kind, servers: servers, launcher: launcher)
            try await group.startAll()
            return try await body(group)
        }
    }

    /// A folder with a short path, as sockets lie in it, that servers of another user can reach.
    package static func makeFolder() throws -> String {
        var template = Array("/tmp/dorsal-sandbox-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.file("create", "/tmp/dorsal-sandbox-…", errno: errno) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard chmod(path, 0o755) == 0 else { throw Failure.file("change the mode of", path, errno: errno) }
        return path
    }

    private func startAll() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for server in self.servers {
                group.addTask {
                    try await server.start()
                    try await Self.addUsers(server)
                }
            }
        }
        for server in self.servers { try await self.connect(server) }
    }

    private static func addUsers(_ server: SandboxServer) async throws {
        let user = "'\(SandboxTemplate.replicationUser)'@'%'"
        let quiet = "SET SESSION sql_log_bin = 0"
        if server.kind.flavor == .mariadb {
            // Anonymous users would catch logins of 'repl'@'%' from this machine.
            try await server.query(quiet, "DELETE FROM mysql.global_priv WHERE User = ''", "FLUSH PRIVILEGES")
        }
        try await server.query(
            quiet,
            "CREATE USER \(user) IDENTIFIED BY '\(SandboxTemplate.replicationPassword)'",
            "GRANT REPLICATION SLAVE, \(server.kind.flavor == .mysql ? "REPLICATION CLIENT" : "SLAVE MONITOR") ON *.* TO \(user)"
        )
    }

    /// Has a server replicate from all others.
    package func connect(_ server: SandboxServer) async throws {
        for source in self.servers where source.id != server.id {
            try await server.query(
                server.dialect.setUp(self.source(source)),
                server.dialect.start("source-\(source.id)")
            )
        }
    }

    /// How another server replicates from this one.
    package func source(_ server: SandboxServer) -> ChannelSource {
        ChannelSource(
            channel: "source-\(server.id)",
            host: "127.0.0.1",
            port: server.port,
            user: SandboxTemplate.replicationUser,
            password: Secret(SandboxTemplate.replicationPassword)
        )
    }

    /// Waits until a server has executed everything that another one has.
    package static func waitUntil(_ server: SandboxServer, has other: SandboxServer) async throws {
        let wanted = try await other.executed()
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let executed = try await server.executed()
            if executed.contains(wanted) { return }
            guard ContinuousClock.now < deadline else {
                throw Failure(
                    .internal,
                    "server \(server.id) does not receive what server \(other.id) has",
                    cause: "missing: \(wanted.subtracting(executed))"
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
