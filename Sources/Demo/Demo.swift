import Database
import Dorsal
import Failures
import Foundation
import GTID
import Glibc
package import Progress
package import Sandbox

/// A throw-away pair of real servers: backup, crash, restore, proof.
package struct Demo: Sendable {
    private let kind: SandboxServer.Kind
    private let rows: Int
    private let say: @Sendable (String) -> Void
    private let tell: @Sendable (ProgressEvent) -> Void

    /// - Parameters:
    ///   - rows: how many rows are loaded before the backup, rounded up to a power of two.
    ///   - say: called with each step, for people.
    ///   - tell: called with what the backup and the restore tell.
    package init(
        _ kind: SandboxServer.Kind,
        rows: Int,
        say: @escaping @Sendable (String) -> Void,
        tell: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        self.kind = kind
        self.rows = rows
        self.say = say
        self.tell = tell
    }

    /// Runs the demo; everything that it started and made is gone when it returns.
    ///
    /// - Throws: `Failure` when the restored server is not what it should be.
    package func run() async throws {
        self.say(
            "starting two \(self.kind.flavor.rawValue) \(self.kind.installation.version.number) servers that replicate both ways"
        )
        try await SandboxGroup.with(self.kind, count: 2) { group in
            let (lost, peer) = (group.servers[0], group.servers[1])
            try await self.load(lost)
            try await SandboxGroup.waitUntil(peer, has: lost)
            let dorsal = Dorsal(try self.configuration(lost, peer, group.folder), progress: self.tell)
            let backup = try await self.backUp(dorsal, lost, peer)
            try await self.writeMore(lost, peer)
            try await self.lose(lost)
            self.say("restoring backup \(backup.id)")
            let restored = try await dorsal.restore()
            self.show(restored)
            try await self.compare(lost, peer)
        }
        self.say("the servers are stopped and their folders removed")
    }

    private func configuration(_ lost: SandboxServer, _ peer: SandboxServer, _ folder: String) throws -> Configuration {
        Configuration(
            instance: Configuration.Instance(
                name: "demo",
                id: lost.id,
                port: lost.port,
                base: self.kind.installation.base,
                dataDirectory: lost.dataDirectory,
                myCnf: lost.optionFile,
                socket: lost.socket,
                osUser: SandboxServer.osUser
            ),
            repository: Configuration.Repository(local: "\(folder)/backups"),
            replication: Configuration.Replication(
                user: SandboxTemplate.replicationUser,
                password: .literal(Secret(SandboxTemplate.replicationPassword)),
                sources: [Configuration.Source(id: peer.id, host: "127.0.0.1", port: peer.port)]
            )
        )
    }

    private func load(_ server: SandboxServer) async throws {
        var count = 1000
        try await server.query(
            "CREATE DATABASE demo",
            "CREATE TABLE demo.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT, note VARCHAR(120))",
            "CREATE TABLE demo.events (id BIGINT AUTO_INCREMENT PRIMARY KEY, server INT, text VARCHAR(60))"
        )
        let values = (1...count).map { "(\($0), CONCAT('order ', UUID(), ' ', REPEAT('x', 40)))" }
        try await server.query("INSERT INTO demo.orders (customer, note) VALUES \(values.joined(separator: ", "))")
        while count < self.rows {
            try await server.query("INSERT INTO demo.orders (customer, note) SELECT customer, note FROM demo.orders")
            count *= 2
        }
        self.say("loaded \(count) rows")
    }

    /// Takes a backup while both servers are written to.
    private func backUp(_ dorsal: Dorsal, _ lost: SandboxServer, _ peer: SandboxServer) async throws -> BackupSummary {
        self.say("backing up server \(lost.id) while both servers are written to")
        return try await withThrowingTaskGroup(of: BackupSummary?.self) { group in
            for server in [lost, peer] {
                group.addTask {
                    while !Task.isCancelled { try await Self.write("during the backup", server) }
                    return nil
                }
            }
            group.addTask { try await dorsal.backup() }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let summary = finished { return summary }
            }
            throw CancellationError()
        }
    }

    private static func write(_ text: String, _ server: SandboxServer) async throws {
        try await server.query("INSERT INTO demo.events (server, text) VALUES (\(server.id), '\(text)')")
    }

    private static let lastWord = "the last word of the lost server"

    private func writeMore(_ lost: SandboxServer, _ peer: SandboxServer) async throws {
        for number in 1...50 {
            try await Self.write("after the backup \(number)", lost)
            try await Self.write("after the backup \(number)", peer)
        }
        try await Self.write(Self.lastWord, lost)
        try await SandboxGroup.waitUntil(peer, has: lost)
        self.say("wrote more; server \(lost.id) has \(try await lost.executed())")
    }

    private func lose(_ server: SandboxServer) async throws {
        try await server.stop(SIGKILL)
        try FileManager.default.removeItem(atPath: server.dataDirectory)
        self.say("server \(server.id) was killed with -9, its data directory is gone")
    }

    private func show(_ summary: RestoreSummary) {
        self.say("proof: expected \(summary.gtid.expected)")
        self.say("proof: executed \(summary.gtid.executed)")
        self.say("proof: missing  \(summary.gtid.missing.isEmpty ? "nothing" : summary.gtid.missing)")
    }

    /// Starts the restored server as its user would, and compares it with its peer.
    private func compare(_ restored: SandboxServer, _ peer: SandboxServer) async throws {
        try await restored.start()
        try await peer.query(peer.dialect.stop("source-\(restored.id)"), peer.dialect.start("source-\(restored.id)"))
        try await Self.write("a new write", restored)
        try await SandboxGroup.waitUntil(peer, has: restored)
        try await Self.write("a new write", peer)
        try await SandboxGroup.waitUntil(restored, has: peer)
        let found = try await restored.value("SELECT COUNT(*) FROM demo.events WHERE text = '\(Self.lastWord)'")
        guard found == "1" else { throw Failure(.gap, "the lost server's last write did not come back") }
        self.say("found: \"\(Self.lastWord)\"")
        for table in ["demo.orders", "demo.events"] {
            let sums = (try await Self.checksum(restored, table), try await Self.checksum(peer, table))
            guard sums.0 == sums.1 else {
                throw Failure(.integrity, "\(table) differs from the peer's", cause: "\(sums.0) and \(sums.1)")
            }
            self.say("CHECKSUM TABLE \(table) is \(sums.0) on both servers")
        }
        self.say("new writes travel both ways")
    }

    private static func checksum(_ server: SandboxServer, _ table: String) async throws -> String {
        let row = try await server.query("CHECKSUM TABLE \(table)").first
        return (row?.values.last ?? nil) ?? "none"
    }
}
