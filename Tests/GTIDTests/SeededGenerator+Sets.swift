import GTID
import TestSupport

extension SeededGenerator {
    /// A few intervals of small numbers, so that sets often touch, overlap and nest.
    mutating func intervals() -> [ClosedRange<Int64>] {
        (0..<Int.random(in: 0...6, using: &self)).map { _ in
            let low = Int64.random(in: 1...40, using: &self)
            return low...(low + Int64.random(in: 0...8, using: &self))
        }
    }

    mutating func intervalSet() -> IntervalSet { IntervalSet(self.intervals()) }

    /// A set over few sources, so that two of them often share some.
    mutating func set(_ flavor: GTIDFlavor) -> GTIDSet {
        switch flavor {
        case .mysql:
            var set = MySQLGTIDSet()
            for uuid in UInt64(1)...3 {
                for tag in [nil, GTIDTag("a"), GTIDTag("b_2")] {
                    set.insert(self.intervalSet(), of: MySQLGTID.Source(ServerUUID(high: uuid, low: ~uuid), tag))
                }
            }
            return .mysql(set)
        case .mariadb:
            var set = MariaDBGTIDSet()
            for domain in UInt32(0)...3 {
                set.insert(self.intervalSet(), of: domain, server: UInt32.random(in: 1...3, using: &self))
            }
            return .mariadb(set)
        }
    }
}
