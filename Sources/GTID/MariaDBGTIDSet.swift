/// A set of MariaDB GTIDs: for every domain the numbers of its transactions.
///
/// A position such as `0-1-100` stands for everything of domain 0 up to number 100. Within a domain the numbers alone
/// identify a transaction, so the server id takes no part in equality and in the algebra: `0-1-5` and `0-2-5` cover
/// the same. It is kept for printing, because the server wants the id of the last transaction in a position.
package struct MariaDBGTIDSet: Sendable {
    /// What is known of one domain.
    package struct Domain: Sendable {
        /// The numbers of the domain's transactions; never empty.
        package fileprivate(set) var numbers: IntervalSet
        /// The server id of the highest number; of a higher one when that was subtracted.
        package fileprivate(set) var server: UInt32
    }

    /// What is known per domain id.
    package private(set) var domains: [UInt32: Domain]

    /// Makes the empty set.
    package init() { self.domains = [:] }

    /// Whether the set holds no GTID.
    package var isEmpty: Bool { self.domains.isEmpty }

    /// How many GTIDs the set holds; `Int64.max` when there are more than that.
    package var count: Int64 { self.domains.values.reduce(0) { saturatingSum($0, $1.numbers.count) } }

    /// Adds one GTID, not those before it; constant time when its number is its domain's highest so far.
    package mutating func insert(_ gtid: MariaDBGTID) {
        let fresh = Domain(numbers: IntervalSet(), server: gtid.server)
        self.domains[gtid.domain, default: fresh].insert(gtid)
    }

    /// Adds many numbers of one domain; `server` is the server id of the highest.
    package mutating func insert(_ numbers: IntervalSet, of domain: UInt32, server: UInt32) {
        guard let last = numbers.last else { return }
        guard let known = self.domains[domain] else {
            self.domains[domain] = Domain(numbers: numbers, server: server)
            return
        }
        let highest = (known.numbers.last ?? 0) >= last ? known.server : server
        self.domains[domain] = Domain(numbers: known.numbers.union(numbers), server: highest)
    }

    /// Adds everything of the GTID's domain up to and including it, which is what a position says.
    package mutating func insert(upTo gtid: MariaDBGTID) {
        self.insert(IntervalSet(1...gtid.sequence), of: gtid.domain, server: gtid.server)
    }

    /// The highest GTID of the domain, or nil when the set holds none.
    package func position(of domain: UInt32) -> MariaDBGTID? {
        guard let known = self.domains[domain], let last = known.numbers.last else { return nil }
        return MariaDBGTID(domain: domain, server: known.server, sequence: last)
    }

    /// Whether the set holds the GTID, whatever its server id.
    package func contains(_ gtid: MariaDBGTID) -> Bool {
        self.domains[gtid.domain]?.numbers.contains(gtid.sequence) ?? false
    }

    /// Whether the set holds every GTID of the other.
    package func contains(_ other: MariaDBGTIDSet) -> Bool {
        other.domains.allSatisfy { self.domains[$0.key]?.numbers.contains($0.value.numbers) ?? false }
    }

    /// The GTIDs that are in this set, in the other, or in both.
    package func union(_ other: MariaDBGTIDSet) -> MariaDBGTIDSet {
        var result = self
        for (domain, known) in other.domains { result.insert(known.numbers, of: domain, server: known.server) }
        return result
    }

    /// The GTIDs of this set that are not in the other.
    package func subtracting(_ other: MariaDBGTIDSet) -> MariaDBGTIDSet {
        var result = MariaDBGTIDSet()
        for (domain, known) in self.domains {
            let numbers = other.domains[domain].map { known.numbers.subtracting($0.numbers) } ?? known.numbers
            result.insert(numbers, of: domain, server: known.server)
        }
        return result
    }

    /// The GTIDs that are in both sets.
    package func intersection(_ other: MariaDBGTIDSet) -> MariaDBGTIDSet {
        var result = MariaDBGTIDSet()
        for (domain, known) in self.domains {
            guard let others = other.domains[domain] else { continue }
            let numbers = known.numbers.intersection(others.numbers)
            let server = numbers.last == others.numbers.last ? others.server : known.server
            result.insert(numbers, of: domain, server: numbers.last == known.numbers.last ? known.server : server)
        }
        return result
    }
}

extension MariaDBGTIDSet.Domain {
    fileprivate mutating func insert(_ gtid: MariaDBGTID) {
        if gtid.sequence >= (self.numbers.last ?? 0) { self.server = gtid.server }
        self.numbers.insert(gtid.sequence)
    }
}

extension MariaDBGTIDSet: Hashable {
    /// Whether both sets hold the same numbers in the same domains; server ids do not count.
    package static func == (left: MariaDBGTIDSet, right: MariaDBGTIDSet) -> Bool {
        left.domains.count == right.domains.count
            && left.domains.allSatisfy { right.domains[$0.key]?.numbers == $0.value.numbers }
    }

    /// Hashes what equality compares.
    package func hash(into hasher: inout Hasher) {
        for domain in self.domains.keys.sorted() {
            hasher.combine(domain)
            hasher.combine(self.domains[domain]?.numbers)
        }
    }
}
