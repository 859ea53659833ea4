import Failures
package import GTID

extension MySQLGTIDSet {
    /// Reads the body of a Previous_gtids event (type 35).
    ///
    /// It is a count of sources (8 bytes) and per source the UUID (16), a count of intervals (8), and per interval its
    /// start and the number after its end (8 each). With tags, the count's first and last byte are 1, the count is in
    /// the six between, and a tag with its length follows each UUID (MySQL: `Gtid_set::encode`).
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short, too long or out of order.
    package init(previousGTIDsBody body: UnsafeRawBufferPointer) throws {
        self.init()
        var cursor = ByteCursor(body)
        let head: UInt64 = try cursor.read()
        let format = head >> 56
        guard format <= 1 else { throw Failure(.integrity, "the GTID set's format is \(format), which is unknown") }
        let isTagged = format == 1
        // The count comes from the file: every turn reads at least 24 bytes, so a wrong one soon ends in a failure.
        for _ in 0..<(isTagged ? (head << 8) >> 16 : head) {
            let uuid = try cursor.readUUIDHalves()
            let tag = isTagged ? try cursor.readTag() : nil
            let source = MySQLGTID.Source(ServerUUID(high: uuid.0, low: uuid.1), tag)
            self.insert(try Self.readIntervals(&cursor), of: source)
        }
        guard cursor.remaining == 0 else {
            throw Failure(.integrity, "\(cursor.remaining) bytes are left after the GTID set")
        }
    }

    private static func readIntervals(_ cursor: inout ByteCursor) throws -> IntervalSet {
        let count: UInt64 = try cursor.read()
        guard count <= UInt64(cursor.remaining / 16) else {
            throw Failure(.integrity, "\(count) intervals do not fit into the \(cursor.remaining) bytes left")
        }
        var intervals: [ClosedRange<Int64>] = []
        intervals.reserveCapacity(Int(count))
        var last: Int64 = 0
        for _ in 0..<count {
            let start: Int64 = try cursor.read()
            let end: Int64 = try cursor.read()
            guard start > last, end > start else {
                throw Failure(.integrity, "the interval from \(start) to before \(end) is out of order")
            }
            intervals.append(start...(end - 1))
            last = end
        }
        return IntervalSet(intervals)
    }
}

extension MariaDBGTIDSet {
    /// Reads the body of a Gtid_list event (type 163).
    ///
    /// It is a count in the low 28 bits of 4 bytes, then per entry domain (4), server id (4) and number (8); an empty
    /// list is filled up with two bytes (MariaDB: `Gtid_list_log_event::write`). An entry means everything of its
    /// domain up to the number; of several entries of a domain the highest counts.
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short, too long, or a number is out of range.
    package init(gtidListBody body: UnsafeRawBufferPointer) throws {
        self.init()
        var cursor = ByteCursor(body)
        let count = try cursor.read(UInt32.self) & 0x0FFF_FFFF
        for _ in 0..<count {
            let domain: UInt32 = try cursor.read()
            let server: UInt32 = try cursor.read()
            let number: UInt64 = try cursor.read()
            guard let sequence = Int64(exactly: number) else {
                throw Failure(.integrity, "the GTID's number is \(number), which is out of range")
            }
            if sequence > 0 { self.insert(upTo: MariaDBGTID(domain: domain, server: server, sequence: sequence)) }
        }
        guard cursor.remaining == 0 || count == 0 else {
            throw Failure(.integrity, "\(cursor.remaining) bytes are left after the GTID list")
        }
    }
}
