import Failures
import GTID

/// The global privileges that a user holds, as SHOW GRANTS tells them.
package struct Privileges: Sendable, Equatable {
    private let held: Set<String>
    private let user: String

    /// Reads the lines of SHOW GRANTS; only grants on `*.*` count.
    package init(grants: [String]) {
        var held: Set<String> = []
        var user: String?
        for grant in grants {
            guard let match = grant.firstMatch(of: Self.pattern) else { continue }
            // The grants of active roles follow the user's own.
            user = user ?? String(match.2)
            held.formUnion(match.1.split(separator: ",").map { Self.canonical(String($0)) })
        }
        self.held = held
        self.user = user ?? "CURRENT_USER()"
    }

    /// A grant on everything, and to whom: a quoted name, in which a quote is doubled, and maybe a quoted host.
    private static var pattern: Regex<(Substring, Substring, Substring)> {
        #/^GRANT (.+?) ON \*\.\* TO ((?:`(?:[^`]|``)*`|'(?:[^']|'')*'|[^\s@]+)(?:@(?:`[^`]*`|'[^']*'|\S+))?)/#
    }

    /// Those of the given privileges that the user does not hold, in the given order.
    package func missing(_ needed: [String]) -> [String] {
        if self.held.contains("ALL PRIVILEGES") || self.held.contains("ALL") { return [] }
        return needed.filter { !self.held.contains(Self.canonical($0)) }
    }

    /// The statement that grants what is missing.
    package func grantStatement(_ missing: [String]) -> String {
        "GRANT \(missing.joined(separator: ", ")) ON *.* TO \(self.user);"
    }

    /// Both spellings of a privilege as one: servers print the newer, people write either.
    private static func canonical(_ name: String) -> String {
        let name = name.trimmingPrefix(while: \.isWhitespace).uppercased()
        return switch name {
        case "REPLICATION CLIENT": "BINLOG MONITOR"
        case "REPLICA MONITOR": "SLAVE MONITOR"
        case "REPLICATION REPLICA": "REPLICATION SLAVE"
        case "REPLICATION REPLICA ADMIN": "REPLICATION SLAVE ADMIN"
        default: name
        }
    }
}

extension ServerConnection {
    /// The privileges of the connection's user, those of its active roles included.
    package func privileges(_ version: ServerVersion) async throws -> Privileges {
        var statement = "SHOW GRANTS"
        if version.flavor == .mysql, version.isAtLeast(8, 0),
            let roles = try await self.value("SELECT CURRENT_ROLE()"), roles != "NONE"
        {
            statement = "SHOW GRANTS FOR CURRENT_USER() USING \(roles)"
        }
        return Privileges(grants: try await self.query(statement, purpose: "reading the grants").compactMap(\.first))
    }
}
