import Failures

/// Reads a GTID set's text byte by byte and words what is wrong with it.
struct SetScanner {
    /// The text's bytes.
    let bytes: [UInt8]
    /// The offset of the next byte.
    private(set) var offset = 0
    private let flavor: GTIDFlavor

    init(_ text: String, flavor: GTIDFlavor) {
        self.bytes = Array(text.utf8)
        self.flavor = flavor
    }

    /// The next byte, or nil at the end.
    var next: UInt8? { self.offset < self.bytes.count ? self.bytes[self.offset] : nil }

    /// Skips blanks, tabs and line ends.
    mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || (0x09...0x0D).contains(byte) { self.offset += 1 }
    }

    /// Skips the given character if it comes next, and tells whether it did.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let byte = self.next, byte == UInt8(ascii: character) else { return false }
        self.offset += 1
        return true
    }

    /// Takes the bytes up to the first that does not qualify.
    mutating func take(while qualifies: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = self.offset
        while let byte = self.next, qualifies(byte) { self.offset += 1 }
        return self.bytes[start..<self.offset]
    }

    /// Reads a decimal number of the given range, or throws that `what` is expected here.
    mutating func number<Number: FixedWidthInteger>(_ what: String, in range: ClosedRange<Number>) throws -> Number {
        let start = self.offset
        var value: Number = 0
        while let byte = self.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Number(truncatingIfNeeded: byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw self.failure("\(what) is out of range", at: start) }
            value = sum
            self.offset += 1
        }
        guard self.offset > start else { throw self.failure("\(what) is missing", at: start) }
        guard range.contains(value) else { throw self.failure("\(what) is out of range", at: start) }
        return value
    }

    /// The failure that names what is wrong and where, with the text from there on.
    func failure(_ reason: String, at offset: Int) -> Failure {
        // At most a few dozen characters, on one line: a set may have megabytes, and line ends.
        let excerpt = String(decoding: self.bytes[offset...].prefix(48).map { max($0, 0x20) }, as: UTF8.self)
        let form =
            switch self.flavor {
            case .mysql: "UUID:FROM-TO[:TAG:FROM-TO], comma separated"
            case .mariadb: "DOMAIN-SERVER-SEQUENCE, comma separated"
            }
        return Failure(
            .integrity,
            "not a \(self.flavor.name) GTID set: \(reason) at offset \(offset): '\(excerpt)'",
            hint: "the form is \(form)"
        )
    }
}

extension GTIDFlavor {
    /// The name as people write it.
    var name: String {
        switch self {
        case .mysql: "MySQL"
        case .mariadb: "MariaDB"
        }
    }
}
