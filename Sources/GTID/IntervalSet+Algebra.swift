extension IntervalSet {
    /// The numbers that are in this set, in the other, or in both.
    package func union(_ other: IntervalSet) -> IntervalSet {
        if self.isEmpty { return other }
        if other.isEmpty { return self }
        var result = IntervalSet()
        var left = 0
        var right = 0
        while left < self.intervals.count || right < other.intervals.count {
            let takeLeft =
                right == other.intervals.count
                || (left < self.intervals.count
                    && self.intervals[left].lowerBound <= other.intervals[right].lowerBound)
            if takeLeft {
                result.append(self.intervals[left])
                left += 1
            } else {
                result.append(other.intervals[right])
                right += 1
            }
        }
        return result
    }

    /// The numbers of this set that are not in the other.
    package func subtracting(_ other: IntervalSet) -> IntervalSet {
        var result: [ClosedRange<Int64>] = []
        var right = 0
        for interval in self.intervals {
            // What ends before this interval cannot touch a later one either.
            while right < other.intervals.count, other.intervals[right].upperBound < interval.lowerBound { right += 1 }
            var low = interval.lowerBound
            var covered = false
            var index = right
            while index < other.intervals.count, other.intervals[index].lowerBound <= interval.upperBound {
                let hole = other.intervals[index]
                if hole.lowerBound > low { result.append(low...(hole.lowerBound - 1)) }
                if hole.upperBound >= interval.upperBound {
                    covered = true
                    break
                }
                low = hole.upperBound + 1
                index += 1
            }
            right = index
            if !covered { result.append(low...interval.upperBound) }
        }
        return IntervalSet(normalized: result)
    }

    /// The numbers that are in both sets.
    package func intersection(_ other: IntervalSet) -> IntervalSet {
        var result: [ClosedRange<Int64>] = []
        var left = 0
        var right = 0
        while left < self.intervals.count, right < other.intervals.count {
            let one = self.intervals[left]
            let two = other.intervals[right]
            let low = max(one.lowerBound, two.lowerBound)
            let high = min(one.upperBound, two.upperBound)
            if low <= high { result.append(low...high) }
            if one.upperBound < two.upperBound { left += 1 } else { right += 1 }
        }
        return IntervalSet(normalized: result)
    }
}
