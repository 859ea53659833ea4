import Failures

extension MySQLGTIDSet {
    /// Reads the server's text form, such as `uuid:1-3:7:tag:1,uuid:5`.
    ///
    /// Blanks and line ends may stand around every piece, intervals may come in any order, overlap and touch, and a
    /// UUID may come several times. A tag counts for the intervals up to the next tag (MySQL:
    /// `Gtid_set::add_gtid_text`). Text of blanks and commas only is the empty set.
    ///
    /// - Throws: `Failure` of class `integrity` that names the wrong piece and its offset.
    package init(parsing text: String) throws {
        self.init()
        var scanner = SetScanner(text, flavor: .mysql)
        var found: [MySQLGTID.Source: [ClosedRange<Int64>]] = [:]
        scanner.skipSpace()
        while scanner.next != nil {
            if !scanner.skip(",") { try Self.parseServer(&scanner, into: &found) }
            scanner.skipSpace()
        }
        for (source, intervals) in found { self.insert(IntervalSet(intervals), of: source) }
    }

    /// Reads one UUID and all that follows it, up to a comma or the end.
    private static func parseServer(
        _ scanner: inout SetScanner,
        into found: inout [MySQLGTID.Source: [ClosedRange<Int64>]]
    ) throws {
        let start = scanner.offset
        let word = scanner.take { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ",") && $0 > 0x20 }
        guard let uuid = ServerUUID(utf8: word) else { throw scanner.failure("a server UUID is expected", at: start) }
        var source = MySQLGTID.Source(uuid)
        var intervals: [ClosedRange<Int64>] = []
        var pending = true
        scanner.skipSpace()
        while scanner.skip(":") {
            scanner.skipSpace()
            if let byte = scanner.next, GTIDTag.isStart(byte) {
                found[source, default: []].append(contentsOf: intervals)
                intervals = []
                source = MySQLGTID.Source(uuid, try Self.parseTag(&scanner))
                pending = true
            } else {
                intervals.append(try Self.parseInterval(&scanner))
                pending = false
            }
            scanner.skipSpace()
        }
        if pending { throw scanner.failure("an interval is missing", at: scanner.offset) }
        if let byte = scanner.next, byte != UInt8(ascii: ",") {
            throw scanner.failure("a comma is expected", at: scanner.offset)
        }
        found[source, default: []].append(contentsOf: intervals)
    }

    private static func parseTag(_ scanner: inout SetScanner) throws -> GTIDTag {
        let start = scanner.offset
        guard let tag = GTIDTag(utf8: scanner.take(while: GTIDTag.isAllowed)) else {
            throw scanner.failure("a tag is longer than \(GTIDTag.maximumLength) characters", at: start)
        }
        return tag
    }

    private static func parseInterval(_ scanner: inout SetScanner) throws -> ClosedRange<Int64> {
        let start = scanner.offset
        let low = try scanner.number("a sequence number", in: 1...MySQLGTID.maximumSequence)
        scanner.skipSpace()
        guard scanner.skip("-") else { return low...low }
        scanner.skipSpace()
        let high = try scanner.number("an interval's end", in: 1...MySQLGTID.maximumSequence)
        guard low <= high else { throw scanner.failure("an interval ends before it starts", at: start) }
        return low...high
    }
}

extension MySQLGTIDSet: CustomStringConvertible {
    /// The server's form: sorted by UUID, plain intervals first, then tags in order; no blanks (MySQL prints a line
    /// end after each comma, which its own parser and this one skip).
    package var description: String {
        var text = ""
        var uuid: ServerUUID?
        for (source, numbers) in self.sources.sorted(by: { $0.key < $1.key }) {
            if source.uuid != uuid {
                text += uuid == nil ? "\(source.uuid)" : ",\(source.uuid)"
                uuid = source.uuid
            }
            if let tag = source.tag { text += ":\(tag)" }
            for interval in numbers.intervals {
                text += ":\(interval.lowerBound)"
                if interval.upperBound > interval.lowerBound { text += "-\(interval.upperBound)" }
            }
        }
        return text
    }
}
