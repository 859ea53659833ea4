import GTID
import TestSupport
import Testing

@Suite struct IntervalSetTests {
    @Test func mergesOverlappingAdjacentAndUnsortedIntervals() {
        #expect(IntervalSet([1...3, 4...6]).intervals == [1...6])
        #expect(IntervalSet([4...6, 1...3]).intervals == [1...6])
        #expect(IntervalSet([1...10, 2...3, 5...12]).intervals == [1...12])
        #expect(IntervalSet([1...3, 5...6]).intervals == [1...3, 5...6])
        #expect(IntervalSet([]).isEmpty)
    }

    @Test func reachesTheLargestNumber() {
        let top = IntervalSet((Int64.max - 1)...Int64.max)
        #expect(top.union(IntervalSet(1...5)).intervals == [1...5, (Int64.max - 1)...Int64.max])
        #expect(IntervalSet(1...Int64.max).subtracting(top).intervals == [1...(Int64.max - 2)])
        #expect(IntervalSet(1...Int64.max).count == Int64.max)
        #expect(IntervalSet(1...Int64.max).subtracting(IntervalSet(1...Int64.max)).isEmpty)
        var grown = top
        grown.insert(Int64.max)
        #expect(grown == top)
    }

    @Test func findsItsNumbers() {
        let set = IntervalSet([2...4, 8...8, 10...20])
        #expect((1...21).filter { set.contains($0) } == [2, 3, 4, 8] + Array(10...20))
        #expect(set.first == 2 && set.last == 20)
        #expect(set.contains(IntervalSet([3...4, 12...20])))
        #expect(!set.contains(IntervalSet(4...8)))
        #expect(!set.contains(IntervalSet(20...21)))
        #expect(set.contains(IntervalSet()))
        #expect(!IntervalSet().contains(IntervalSet(1...1)))
    }

    @Test func insertsInEveryPosition() {
        var set = IntervalSet([5...6, 10...11])
        for (number, expected): (Int64, [ClosedRange<Int64>]) in [
            (5, [5...6, 10...11]),
            (7, [5...7, 10...11]),
            (9, [5...7, 9...11]),
            (8, [5...11]),
            (1, [1...1, 5...11]),
            (3, [1...1, 3...3, 5...11]),
            (4, [1...1, 3...11]),
            (12, [1...1, 3...12]),
            (20, [1...1, 3...12, 20...20]),
        ] {
            set.insert(number)
            #expect(set.intervals == expected)
        }
    }

    @Test func agreesWithPlainSets() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let left = random.intervals()
            let right = random.intervals()
            let (one, two) = (IntervalSet(left), IntervalSet(right))
            let (plainOne, plainTwo) = (Set(left.flatMap { $0 }), Set(right.flatMap { $0 }))
            #expect(numbers(one) == plainOne)
            #expect(numbers(one.union(two)) == plainOne.union(plainTwo))
            #expect(numbers(one.subtracting(two)) == plainOne.subtracting(plainTwo))
            #expect(numbers(one.intersection(two)) == plainOne.intersection(plainTwo))
            #expect(one.contains(two) == plainOne.isSuperset(of: plainTwo))
            #expect(one.count == Int64(plainOne.count))
            #expect([one.union(two), one.subtracting(two), one.intersection(two)].allSatisfy(isNormal))
        }
    }

    @Test func insertingOneByOneIsTheSame() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            let intervals = random.intervals()
            var set = IntervalSet()
            for number in intervals.flatMap({ $0 }).shuffled(using: &random) { set.insert(number) }
            #expect(set == IntervalSet(intervals))
        }
    }

    private func numbers(_ set: IntervalSet) -> Set<Int64> { Set(set.intervals.flatMap { $0 }) }

    private func isNormal(_ set: IntervalSet) -> Bool {
        zip(set.intervals, set.intervals.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound }
    }
}
