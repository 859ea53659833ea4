package import Database

/// A user's table that InnoDB does not keep.
package struct OtherTable: Sendable, Equatable {
    /// Schema and name.
    package let name: String
    /// What keeps it, such as `MyISAM`.
    package let engine: String

    /// Names a table.
    package init(name: String, engine: String) {
        self.name = name
        self.engine = engine
    }

    /// How many there are, in words.
    package static func text(_ tables: [OtherTable]) -> String {
        "\(tables.count) table\(tables.count == 1 ? "" : "s")"
    }

    /// The first of them with their engines.
    package static func names(_ tables: [OtherTable]) -> String {
        let names = tables.prefix(20).map { "\($0.name) (\($0.engine))" }.joined(separator: ", ")
        return tables.count > 20 ? "\(names), …" : names
    }
}

extension ServerConnection {
    /// The users' tables that InnoDB does not keep, as far as the connection's user may see them.
    package func otherTables() async throws -> [OtherTable] {
        try await self.query(
            """
            SELECT CONCAT(table_schema, '.', table_name) AS name, engine AS kind FROM information_schema.tables
            WHERE table_type = 'BASE TABLE' AND engine <> 'InnoDB'
                AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
            ORDER BY 1
            """,
            purpose: "looking for tables of other engines"
        ).map { OtherTable(name: $0["name"] ?? "?", engine: $0["kind"] ?? "?") }
    }
}
