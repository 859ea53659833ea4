import Failures
import Foundation
package import GTID

/// What a running server says of itself.
package struct ServerFacts: Sendable, Equatable {
    package let version: ServerVersion
    /// MySQL's server UUID; MariaDB has none.
    package let uuid: String?
    package let serverID: UInt32
    package let port: UInt16
    package let dataDirectory: String
    package let binlogEnabled: Bool
    /// The absolute path of the binary logs without their number.
    package let binlogBase: String
    package let binlogIndex: String
    /// MySQL's gtid_mode.
    package let gtidMode: String?
    package let binlogFormat: String
    /// InnoDB's folders that are not the data directory, by the variable that names each.
    package var outsideFolders: [String: String] = [:]

    package var dialect: any Dialect { self.version.dialect }
}

extension ServerConnection {
    /// Asks the server for its facts.
    ///
    /// - Throws: ``Failure`` of class `database`.
    package func facts() async throws -> ServerFacts {
        let version = try ServerVersion(parsing: try await self.value("SELECT VERSION()") ?? "")
        let isMySQL = version.flavor == .mysql
        let row = try await self.query(
            """
            SELECT @@GLOBAL.server_id AS server_id, @@GLOBAL.port AS port, @@GLOBAL.datadir AS datadir,
                @@GLOBAL.log_bin AS log_bin, @@GLOBAL.log_bin_basename AS base, @@GLOBAL.log_bin_index AS idx,
                @@GLOBAL.binlog_format AS format, @@GLOBAL.innodb_data_home_dir AS innodb_data_home_dir,
                @@GLOBAL.innodb_log_group_home_dir AS innodb_log_group_home_dir,
                @@GLOBAL.innodb_undo_directory AS innodb_undo_directory\(isMySQL ? ", @@GLOBAL.server_uuid AS uuid, @@GLOBAL.gtid_mode AS gtid" : "")
            """,
            purpose: "reading the server's settings"
        ).first
        guard let row, let serverID = row["server_id"].flatMap(UInt32.init) else {
            throw Failure(.database, "the server at \(self.endpoint.address) did not tell its settings")
        }
        return ServerFacts(
            version: version,
            uuid: row["uuid"],
            serverID: serverID,
            port: row["port"].flatMap(UInt16.init) ?? 0,
            dataDirectory: row["datadir"] ?? "",
            binlogEnabled: row["log_bin"] == "1",
            binlogBase: Self.absolute(row["base"] ?? "", row["datadir"] ?? ""),
            binlogIndex: Self.absolute(row["idx"] ?? "", row["datadir"] ?? ""),
            gtidMode: row["gtid"],
            binlogFormat: row["format"] ?? "",
            outsideFolders: Self.outsideFolders(row, row["datadir"] ?? "")
        )
    }

    /// A path that the server may take relative to its data directory.
    private static func absolute(_ path: String, _ dataDirectory: String) -> String {
        guard !path.isEmpty else { return path }
        return URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: dataDirectory, isDirectory: true))
            .standardizedFileURL.path
    }

    private static func outsideFolders(_ row: Row, _ dataDirectory: String) -> [String: String] {
        let data = URL(fileURLWithPath: dataDirectory).resolvingSymlinksInPath()
        var outside: [String: String] = [:]
        for name in ["innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_undo_directory"] {
            guard let path = row[name], !path.isEmpty else { continue }
            let folder = URL(fileURLWithPath: path, relativeTo: data).resolvingSymlinksInPath()
            if folder.path != data.path { outside[name] = path }
        }
        return outside
    }

    /// The server's executed GTID set.
    package func executedSet(_ dialect: any Dialect) async throws -> GTIDSet {
        let text = try await self.value(dialect.executedSet, purpose: "reading the executed GTID set")
        return try GTIDSet(parsing: text ?? "", flavor: dialect.flavor)
    }

    /// The newest binary log and its size, in bytes; nil when the size is not that of its events, as of encrypted files.
    package func binlogEnd(_ dialect: any Dialect) async throws -> (file: String, size: UInt64)? {
        let row = try await self.query("SHOW BINARY LOGS", purpose: "listing the binary logs").last
        if row?["Encrypted"] == "Yes" { return nil }
        if dialect.flavor == .mariadb, try await self.value("SELECT @@GLOBAL.encrypt_binlog") == "1" { return nil }
        guard let file = row?.first, let size = row?["File_size"].flatMap(UInt64.init) else { return nil }
        return (file, size)
    }

    /// The server's binary log files, oldest first.
    package func binlogFiles() async throws -> [String] {
        try await self.query("SHOW BINARY LOGS", purpose: "listing the binary logs").compactMap(\.first)
    }
}
