/// One transaction's identifier, of either kind of server.
package enum GTID: Sendable, Hashable, CustomStringConvertible {
    /// A MySQL server's.
    case mysql(MySQLGTID)
    /// A MariaDB server's.
    case mariadb(MariaDBGTID)

    /// The kind of server that hands out such GTIDs.
    package var flavor: GTIDFlavor {
        switch self {
        case .mysql: .mysql
        case .mariadb: .mariadb
        }
    }

    /// The GTID as the server prints it.
    package var description: String {
        switch self {
        case .mysql(let gtid): gtid.description
        case .mariadb(let gtid): gtid.description
        }
    }
}

/// The two dialects of GTIDs, which never mix.
package enum GTIDFlavor: String, Codable, Sendable, CaseIterable {
    /// Server UUID, perhaps a tag, and number.
    case mysql
    /// Domain, server id and number.
    case mariadb
}
