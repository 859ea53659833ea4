import Failures

extension MariaDBGTIDSet {
    /// Reads positions such as `0-1-100,2-2-7`, and the longer form `0-1-51..100` that this type prints.
    ///
    /// Several entries of one domain, as in `@@gtid_binlog_state`, add up, so the highest counts. Blanks and line ends
    /// may stand around every piece. The number 0 stands for nothing of its domain.
    ///
    /// - Throws: `Failure` of class `integrity` that names the wrong piece and its offset.
    package init(parsing text: String) throws {
        self.init()
        var scanner = SetScanner(text, flavor: .mariadb)
        var found: [UInt32: Entries] = [:]
        scanner.skipSpace()
        while scanner.next != nil {
            if !scanner.skip(",") { try Self.parseEntry(&scanner, into: &found) }
            scanner.skipSpace()
        }
        for (domain, entries) in found {
            self.insert(IntervalSet(entries.intervals), of: domain, server: entries.server)
        }
    }

    /// One domain's entries while reading.
    private struct Entries {
        var intervals: [ClosedRange<Int64>] = []
        var highest: Int64 = 0
        var server: UInt32 = 0

        mutating func add(_ interval: ClosedRange<Int64>, server: UInt32) {
            self.intervals.append(interval)
            if interval.upperBound > self.highest {
                self.highest = interval.upperBound
                self.server = server
            }
        }
    }

    private static func parseEntry(_ scanner: inout SetScanner, into found: inout [UInt32: Entries]) throws {
        let domain = try scanner.number("a domain", in: 0...UInt32.max)
        guard scanner.skip("-") else { throw scanner.failure("a hyphen is expected", at: scanner.offset) }
        let server = try scanner.number("a server id", in: 0...UInt32.max)
        guard scanner.skip("-") else { throw scanner.failure("a hyphen is expected", at: scanner.offset) }
        if let interval = try Self.parseNumbers(&scanner) {
            found[domain, default: Entries()].add(interval, server: server)
        }
        scanner.skipSpace()
        if let byte = scanner.next, byte != UInt8(ascii: ",") {
            throw scanner.failure("a comma is expected", at: scanner.offset)
        }
    }

    /// Reads `100`, which means 1 to 100, or `51..100`; nil for nothing.
    private static func parseNumbers(_ scanner: inout SetScanner) throws -> ClosedRange<Int64>? {
        let start = scanner.offset
        let first = try scanner.number("a sequence number", in: 0...Int64.max)
        guard scanner.skip(".") else { return first == 0 ? nil : 1...first }
        guard scanner.skip(".") else { throw scanner.failure("two dots are expected", at: scanner.offset) }
        let last = try scanner.number("an interval's end", in: 1...Int64.max)
        guard first >= 1, first <= last else { throw scanner.failure("an interval ends before it starts", at: start) }
        return first...last
    }

    /// The highest GTID of every domain, sorted by domain: the text that `SET GLOBAL gtid_slave_pos` takes.
    package var positionText: String {
        self.domains.keys.sorted().compactMap { self.position(of: $0)?.description }.joined(separator: ",")
    }
}

extension MariaDBGTIDSet: CustomStringConvertible {
    /// Positions where a domain's numbers start at 1, otherwise intervals such as `0-1-51..100`; sorted by domain.
    package var description: String {
        var entries: [String] = []
        for (domain, known) in self.domains.sorted(by: { $0.key < $1.key }) {
            for interval in known.numbers.intervals {
                let numbers =
                    interval.lowerBound == 1
                    ? "\(interval.upperBound)" : "\(interval.lowerBound)..\(interval.upperBound)"
                entries.append("\(domain)-\(known.server)-\(numbers)")
            }
        }
        return entries.joined(separator: ",")
    }
}
