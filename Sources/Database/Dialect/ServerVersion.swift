import Failures
package import GTID

/// A server's kind and version, from `SELECT VERSION()` or `mysqld --version`.
package struct ServerVersion: Sendable, Equatable {
    package let flavor: GTIDFlavor
    package let major: Int
    package let minor: Int
    package let patch: Int
    /// The server's own text.
    package let text: String

    package init(flavor: GTIDFlavor, _ major: Int, _ minor: Int, _ patch: Int, text: String? = nil) {
        self.flavor = flavor
        self.major = major
        self.minor = minor
        self.patch = patch
        self.text = text ?? "\(major).\(minor).\(patch)"
    }

    /// Reads the first `N.N.N` of a text; numbers are never assumed to be small, as MySQL's are calendar versions now.
    ///
    /// MariaDB's replication version prefix `5.5.5-` is passed over, and so is the path that a program names itself by:
    /// it may hold another version, or another kind of server.
    ///
    /// - Throws: ``Failure`` of class `database` when there is no version in the text.
    package init(parsing text: String) throws {
        var rest = Substring(text)
        if let word = rest.firstRange(of: "  Ver ") { rest = rest[word.upperBound...] }
        let flavor: GTIDFlavor = rest.lowercased().contains("mariadb") ? .mariadb : .mysql
        if let prefix = rest.firstRange(of: "5.5.5-") { rest = rest[prefix.upperBound...] }
        guard let match = rest.firstMatch(of: #/(\d+)\.(\d+)\.(\d+)/#),
            let major = Int(match.1), let minor = Int(match.2), let patch = Int(match.3)
        else {
            throw Failure(
                .database,
                "no server version in '\(text)'",
                hint: "Dorsal knows MySQL 5.7 and later, MariaDB 10.5 and later"
            )
        }
        self.init(flavor: flavor, major, minor, patch, text: text)
    }

    /// Whether this version is at least the given one, whatever the kind.
    package func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
        (self.major, self.minor, self.patch) >= (major, minor, patch)
    }

    /// The three numbers, for messages.
    package var number: String { "\(self.major).\(self.minor).\(self.patch)" }

    /// Major and minor, the part that data directories must agree on.
    package var series: String { "\(self.major).\(self.minor)" }

    /// The statements that this server understands.
    package var dialect: any Dialect {
        switch self.flavor {
        case .mysql: MySQLDialect(version: self)
        case .mariadb: MariaDBDialect(version: self)
        }
    }
}
