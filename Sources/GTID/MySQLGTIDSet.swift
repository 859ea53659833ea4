/// A set of MySQL GTIDs: for every server UUID and tag the numbers of its transactions.
package struct MySQLGTIDSet: Sendable, Hashable {
    /// The numbers per source; no entry is ever empty, so that equal sets compare equal.
    package private(set) var sources: [MySQLGTID.Source: IntervalSet]

    /// Makes the empty set.
    package init() { self.sources = [:] }

    /// Whether the set holds no GTID.
    package var isEmpty: Bool { self.sources.isEmpty }

    /// How many GTIDs the set holds; `Int64.max` when there are more than that.
    package var count: Int64 { self.sources.values.reduce(0) { saturatingSum($0, $1.count) } }

    /// Adds one GTID; constant time when its number is its source's highest so far.
    package mutating func insert(_ gtid: MySQLGTID) {
        self.sources[gtid.source, default: IntervalSet()].insert(gtid.sequence)
    }

    /// Adds many numbers of one source.
    package mutating func insert(_ numbers: IntervalSet, of source: MySQLGTID.Source) {
        if numbers.isEmpty { return }
        self.sources[source] = self.sources[source]?.union(numbers) ?? numbers
    }

    /// Whether the set holds the GTID.
    package func contains(_ gtid: MySQLGTID) -> Bool { self.sources[gtid.source]?.contains(gtid.sequence) ?? false }

    /// Whether the set holds every GTID of the other.
    package func contains(_ other: MySQLGTIDSet) -> Bool {
        other.sources.allSatisfy { self.sources[$0.key]?.contains($0.value) ?? false }
    }

    /// The GTIDs that are in this set, in the other, or in both.
    package func union(_ other: MySQLGTIDSet) -> MySQLGTIDSet {
        var result = self
        result.sources.merge(other.sources) { $0.union($1) }
        return result
    }

    /// The GTIDs of this set that are not in the other.
    package func subtracting(_ other: MySQLGTIDSet) -> MySQLGTIDSet {
        var result = MySQLGTIDSet()
        for (source, numbers) in self.sources {
            result.insert(other.sources[source].map(numbers.subtracting) ?? numbers, of: source)
        }
        return result
    }

    /// The GTIDs that are in both sets.
    package func intersection(_ other: MySQLGTIDSet) -> MySQLGTIDSet {
        var result = MySQLGTIDSet()
        for (source, numbers) in self.sources {
            if let others = other.sources[source] { result.insert(numbers.intersection(others), of: source) }
        }
        return result
    }
}

/// The sum of two counts, or `Int64.max` when it does not fit.
func saturatingSum(_ one: Int64, _ two: Int64) -> Int64 {
    let (sum, overflow) = one.addingReportingOverflow(two)
    return overflow ? .max : sum
}
