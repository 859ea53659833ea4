package import Database
import Failures
import Foundation
import GTID

/// MySQL's clone plugin: the server copies itself, no outside tool. (MySQL manual, "The Clone Plugin".)
package struct CloneEngine: BackupEngine {
    package init() {}

    package var kind: EngineKind { .clone }
    /// SELECT is needed to see every table: one that the user cannot see could be of another engine.
    package var privileges: [String] { ["BACKUP_ADMIN", "SELECT"] }

    package func preflight(_ connection: ServerConnection, _ facts: ServerFacts) async throws {
        guard facts.version.flavor == .mysql, facts.version.isAtLeast(8, 0, 17) else {
            throw Failure(
                .unusable,
                "the clone engine needs MySQL 8.0.17 or later, the server is \(facts.version.text)",
                hint: "set backup.engine to \(facts.version.flavor == .mariadb ? "mariabackup" : "xtrabackup")"
            )
        }
        try await self.refuseOtherEngines(connection)
        try await self.requirePlugin(connection)
    }

    /// Tables of other engines come out of a clone empty, without a word.
    private func refuseOtherEngines(_ connection: ServerConnection) async throws {
        let rows = try await connection.query(
            """
            SELECT CONCAT(table_schema, '.', table_name) AS name, engine AS kind FROM information_schema.tables
            WHERE table_type = 'BASE TABLE' AND engine <> 'InnoDB'
                AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
            ORDER BY 1
            """,
            purpose: "looking for tables of other engines"
        )
        guard !rows.isEmpty else { return }
        let names = rows.prefix(20).map { "\($0["name"] ?? "?") (\($0["kind"] ?? "?"))" }.joined(separator: ", ")
        throw Failure(
            .unusable,
            "the clone engine cannot back up \(rows.count) table\(rows.count == 1 ? "" : "s") of other engines: \(names)",
            cause: "clone copies InnoDB tables only; these would come out empty",
            hint: "convert them (ALTER TABLE … ENGINE=InnoDB), or set backup.engine to xtrabackup"
        )
    }

    private func requirePlugin(_ connection: ServerConnection) async throws {
        let status = try await connection.value(
            "SELECT plugin_status FROM information_schema.plugins WHERE plugin_name = 'clone'"
        )
        guard status != "ACTIVE" else { return }
        do {
            try await connection.query(
                "INSTALL PLUGIN clone SONAME 'mysql_clone.so'",
                purpose: "installing the clone plugin"
            )
        } catch let failure as Failure {
            throw Failure(
                failure.class,
                "the clone plugin is not active and could not be installed",
                cause: failure.cause,
                hint: "run as an administrator: INSTALL PLUGIN clone SONAME 'mysql_clone.so';"
            )
        }
    }

    package func snapshot(_ request: SnapshotRequest) async throws -> DataSnapshot {
        // The server's own user makes the folder, so the one above must be that user's.
        let parent = "\(request.folder)/clone"
        let target = "\(parent)/data"
        try FileManager.default.createDirectory(
            atPath: parent,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try Ownership.find(request.osUser)?.give(parent)
        let dialect = request.facts.dialect
        return try await ServerConnection.with(request.endpoint) { connection in
            let lower = try await connection.executedSet(dialect)
            try await self.clone(connection, into: target, endpoint: request.endpoint)
            let upper = try await connection.executedSet(dialect)
            return DataSnapshot(
                directory: target,
                boundary: DataBoundary(lower: lower, upper: upper),
                tool: "clone \(request.facts.version.text)"
            )
        }
    }

    private func clone(_ connection: ServerConnection, into target: String, endpoint: Endpoint) async throws {
        let thread = await connection.threadID()
        let statement =
            "CLONE LOCAL DATA DIRECTORY = '\(target.replacing("\\", with: "\\\\").replacing("'", with: "''"))'"
        // A server goes on cloning for a client that has gone; a second connection, open from the start, ends it.
        try await ServerConnection.with(endpoint) { ender in
            do {
                try await connection.query(statement, purpose: "CLONE LOCAL DATA DIRECTORY")
            } catch is CancellationError {
                try? await ender.queryEvenIfCancelled("KILL \(thread)")
                throw CancellationError()
            } catch let failure as Failure {
                throw Failure(
                    .unusable,
                    failure.message,
                    cause: failure.cause,
                    hint: "the server's user must be able to reach and write \(target); AppArmor may forbid it too"
                )
            }
        }
    }

    package func prepare(directory: String, memory: Int64) async throws {
        // A server started on a clone finishes it by itself.
    }
}
