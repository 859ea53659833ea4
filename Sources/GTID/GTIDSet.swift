/// A set of GTIDs of either kind of server.
///
/// The operations take two sets of the same flavor; mixing them is a mistake in the program and stops it.
package enum GTIDSet: Sendable, Equatable {
    /// MySQL GTIDs.
    case mysql(MySQLGTIDSet)
    /// MariaDB GTIDs.
    case mariadb(MariaDBGTIDSet)

    /// Reads the text form of the given flavor.
    ///
    /// - Throws: `Failure` of class `integrity` that names the wrong piece and its offset.
    package init(parsing text: String, flavor: GTIDFlavor) throws {
        switch flavor {
        case .mysql: self = .mysql(try MySQLGTIDSet(parsing: text))
        case .mariadb: self = .mariadb(try MariaDBGTIDSet(parsing: text))
        }
    }

    /// The empty set of the given flavor.
    package static func empty(_ flavor: GTIDFlavor) -> GTIDSet {
        switch flavor {
        case .mysql: .mysql(MySQLGTIDSet())
        case .mariadb: .mariadb(MariaDBGTIDSet())
        }
    }

    /// The kind of server the GTIDs come from.
    package var flavor: GTIDFlavor {
        switch self {
        case .mysql: .mysql
        case .mariadb: .mariadb
        }
    }

    /// Whether the set holds no GTID.
    package var isEmpty: Bool {
        switch self {
        case .mysql(let set): set.isEmpty
        case .mariadb(let set): set.isEmpty
        }
    }

    /// How many GTIDs the set holds; `Int64.max` when there are more than that.
    package var count: Int64 {
        switch self {
        case .mysql(let set): set.count
        case .mariadb(let set): set.count
        }
    }

    /// Adds one GTID; constant time when its number is the highest of its source so far.
    package mutating func insert(_ gtid: GTID) {
        // The set is taken out of the enumeration first, so that it is changed in place and not copied.
        switch gtid {
        case .mysql(let gtid):
            guard case .mysql(var set) = self else { preconditionFailure(Self.mixed) }
            self = .mysql(MySQLGTIDSet())
            set.insert(gtid)
            self = .mysql(set)
        case .mariadb(let gtid):
            guard case .mariadb(var set) = self else { preconditionFailure(Self.mixed) }
            self = .mariadb(MariaDBGTIDSet())
            set.insert(gtid)
            self = .mariadb(set)
        }
    }

    /// Whether the set holds the GTID.
    package func contains(_ gtid: GTID) -> Bool {
        switch (self, gtid) {
        case (.mysql(let set), .mysql(let gtid)): return set.contains(gtid)
        case (.mariadb(let set), .mariadb(let gtid)): return set.contains(gtid)
        default: preconditionFailure(Self.mixed)
        }
    }

    /// Whether the set holds every GTID of the other.
    package func contains(_ other: GTIDSet) -> Bool {
        switch (self, other) {
        case (.mysql(let left), .mysql(let right)): return left.contains(right)
        case (.mariadb(let left), .mariadb(let right)): return left.contains(right)
        default: preconditionFailure(Self.mixed)
        }
    }

    /// The GTIDs that are in this set, in the other, or in both.
    package func union(_ other: GTIDSet) -> GTIDSet {
        self.combined(other, { $0.union($1) }, { $0.union($1) })
    }

    /// The GTIDs of this set that are not in the other.
    package func subtracting(_ other: GTIDSet) -> GTIDSet {
        self.combined(other, { $0.subtracting($1) }, { $0.subtracting($1) })
    }

    /// The GTIDs that are in both sets.
    package func intersection(_ other: GTIDSet) -> GTIDSet {
        self.combined(other, { $0.intersection($1) }, { $0.intersection($1) })
    }

    private static let mixed = "MySQL and MariaDB GTIDs cannot be combined"

    private func combined(
        _ other: GTIDSet,
        _ mysql: (MySQLGTIDSet, MySQLGTIDSet) -> MySQLGTIDSet,
        _ mariadb: (MariaDBGTIDSet, MariaDBGTIDSet) -> MariaDBGTIDSet
    ) -> GTIDSet {
        switch (self, other) {
        case (.mysql(let left), .mysql(let right)): return .mysql(mysql(left, right))
        case (.mariadb(let left), .mariadb(let right)): return .mariadb(mariadb(left, right))
        default: preconditionFailure(Self.mixed)
        }
    }
}

extension GTIDSet: CustomStringConvertible {
    /// The text form of the set's flavor, which `init(parsing:flavor:)` reads.
    package var description: String {
        switch self {
        case .mysql(let set): set.description
        case .mariadb(let set): set.description
        }
    }
}

extension GTIDSet {
    /// The set as a replica's position means it: for MariaDB everything up to each domain's highest number, as a
    /// position says nothing of numbers that were never used; for MySQL the set itself.
    package var filled: GTIDSet {
        guard case .mariadb(let set) = self else { return self }
        var filled = MariaDBGTIDSet()
        for domain in set.domains.keys {
            if let highest = set.position(of: domain) { filled.insert(upTo: highest) }
        }
        return .mariadb(filled)
    }

    /// The text that `SET GLOBAL gtid_slave_pos` takes; MySQL's own form for MySQL.
    package var positionText: String {
        guard case .mariadb(let set) = self else { return self.description }
        return set.positionText
    }
}
