/// A set of sequence numbers, kept as sorted, disjoint, non-adjacent intervals.
///
/// Numbers run from 1 to `Int64.max`; both bounds of an interval belong to it. Every operation of the algebra is one
/// linear pass over both sides, so sets of a hundred thousand intervals stay cheap.
package struct IntervalSet: Sendable, Hashable {
    /// The intervals in ascending order; between two of them at least one number is missing.
    package private(set) var intervals: [ClosedRange<Int64>]

    /// Makes the empty set.
    package init() { self.intervals = [] }

    /// Makes the set of one interval's numbers, which must be positive.
    package init(_ interval: ClosedRange<Int64>) {
        precondition(interval.lowerBound >= 1, "sequence numbers start at 1")
        self.intervals = [interval]
    }

    /// Makes the union of the given intervals, which may overlap and come in any order; all must be positive.
    package init(_ intervals: [ClosedRange<Int64>]) {
        self.init()
        self.intervals.reserveCapacity(intervals.count)
        let sorted = zip(intervals, intervals.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }
        for interval in sorted ? intervals : intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            precondition(interval.lowerBound >= 1, "sequence numbers start at 1")
            self.append(interval)
        }
    }

    /// Wraps intervals that are already sorted, disjoint and non-adjacent.
    init(normalized intervals: [ClosedRange<Int64>]) { self.intervals = intervals }

    /// Whether the set holds no number.
    package var isEmpty: Bool { self.intervals.isEmpty }

    /// How many numbers the set holds.
    package var count: Int64 { self.intervals.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }

    /// The smallest number, or nil when the set is empty.
    package var first: Int64? { self.intervals.first?.lowerBound }

    /// The largest number, or nil when the set is empty.
    package var last: Int64? { self.intervals.last?.upperBound }

    /// Whether the set holds the number; a binary search.
    package func contains(_ number: Int64) -> Bool {
        let index = self.firstIndex(endingAtOrAfter: number)
        return index < self.intervals.count && self.intervals[index].lowerBound <= number
    }

    /// Whether the set holds every number of the other.
    package func contains(_ other: IntervalSet) -> Bool {
        var index = 0
        for wanted in other.intervals {
            while index < self.intervals.count, self.intervals[index].upperBound < wanted.lowerBound { index += 1 }
            guard index < self.intervals.count, self.intervals[index].lowerBound <= wanted.lowerBound,
                self.intervals[index].upperBound >= wanted.upperBound
            else { return false }
        }
        return true
    }

    /// Adds a positive number; constant time when it is the largest so far, as in a binary log.
    package mutating func insert(_ number: Int64) {
        precondition(number >= 1, "sequence numbers start at 1")
        guard let last = self.intervals.last, number <= last.upperBound else {
            self.append(number...number)
            return
        }
        let index = self.firstIndex(endingAtOrAfter: number)
        if self.intervals[index].lowerBound <= number { return }
        // The number lies in the gap before this interval; it may touch either neighbour, or both.
        let touchesNext = self.intervals[index].lowerBound - 1 == number
        let touchesPrevious = index > 0 && self.intervals[index - 1].upperBound + 1 == number
        switch (touchesPrevious, touchesNext) {
        case (true, true):
            self.intervals[index - 1] = self.intervals[index - 1].lowerBound...self.intervals[index].upperBound
            self.intervals.remove(at: index)
        case (true, false): self.intervals[index - 1] = self.intervals[index - 1].lowerBound...number
        case (false, true): self.intervals[index] = number...self.intervals[index].upperBound
        case (false, false): self.intervals.insert(number...number, at: index)
        }
    }

    /// Adds an interval that starts no earlier than the last one, joining the two when they overlap or touch.
    mutating func append(_ interval: ClosedRange<Int64>) {
        // The lower bound is at least 1, so one less never overflows.
        guard let last = self.intervals.last, interval.lowerBound - 1 <= last.upperBound else {
            self.intervals.append(interval)
            return
        }
        if interval.upperBound > last.upperBound {
            self.intervals[self.intervals.count - 1] = last.lowerBound...interval.upperBound
        }
    }

    private func firstIndex(endingAtOrAfter number: Int64) -> Int {
        var low = 0
        var high = self.intervals.count
        while low < high {
            let middle = (low + high) / 2
            if self.intervals[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
