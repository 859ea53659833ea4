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
        try await self.checkServer(connection, facts)
        try await self.requirePlugin(connection)
    }

    package func examine(_ connection: ServerConnection, _ facts: ServerFacts) async throws -> String {
        try await self.checkServer(connection, facts)
        if try await self.isActive(connection) { return "clone, the server's plugin is active" }
        let folder = try await connection.value("SELECT @@GLOBAL.plugin_dir") ?? ""
        guard FileManager.default.fileExists(atPath: "\(folder)/\(Self.library)") else {
            throw Failure(
                .unusable,
                "the clone plugin is not active, and its file is not in \(folder)",
                hint: "install the server's plugins there, or Percona XtraBackup \(facts.version.series)"
            )
        }
        guard try await connection.privileges(facts.version).missing(["INSERT"]).isEmpty else {
            throw Failure(
                .database,
                "the clone plugin is not active, and '\(connection.endpoint.user)' may not install it",
                hint: "run as an administrator: \(Self.installation);"
            )
        }
        return "clone, whose plugin the first backup installs"
    }

    private static let library = "mysql_clone.so"
    private static let installation = "INSTALL PLUGIN clone SONAME '\(library)'"

    private func checkServer(_ connection: ServerConnection, _ facts: ServerFacts) async throws {
        guard facts.version.flavor == .mysql, facts.version.isAtLeast(8, 0, 17) else {
            throw Failure(
                .unusable,
                "the clone engine needs MySQL 8.0.17 or later, the server is \(facts.version.text)",
                hint: "set backup.engine to \(facts.version.flavor == .mariadb ? "mariabackup" : "xtrabackup")"
            )
        }
        try await self.refuseOtherEngines(connection)
    }

    /// Tables of other engines come out of a clone empty, without a word.
    private func refuseOtherEngines(_ connection: ServerConnection) async throws {
        let tables = try await connection.otherTables()
        guard !tables.isEmpty else { return }
        throw Failure(
            .unusable,
            "the clone engine cannot back up \(OtherTable.text(tables)) of other engines: \(OtherTable.names(tables))",
            cause: "clone copies InnoDB tables only; these would come out empty",
            hint: "convert them (ALTER TABLE … ENGINE=InnoDB), or set backup.engine to xtrabackup"
        )
    }

    private func isActive(_ connection: ServerConnection) async throws -> Bool {
        try await connection.value(
            "SELECT plugin_status FROM information_schema.plugins WHERE plugin_name = 'clone'"
        ) == "ACTIVE"
    }

    private func requirePlugin(_ connection: ServerConnection) async throws {
        guard try await !self.isActive(connection) else { return }
        do {
            try await connection.query(Self.installation, purpose: "installing the clone plugin")
        } catch let failure as Failure {
            throw Failure(
                failure.class,
                "the clone plugin is not active and could not be installed",
                cause: failure.cause,
                hint: "run as an administrator: \(Self.installation);"
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
