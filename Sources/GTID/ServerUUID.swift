/// A MySQL server's UUID, as `@@server_uuid` shows it and binary logs hold it in 16 bytes.
package struct ServerUUID: Sendable, Hashable, Comparable {
    private let high: UInt64
    private let low: UInt64

    /// Makes a UUID from its 16 bytes, given as two big-endian halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the canonical form, 36 characters with hyphens in either case; nil when the text is anything else.
    package init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8)[...]) }

    /// Reads the canonical form from bytes.
    init?(utf8 bytes: ArraySlice<UInt8>) {
        guard bytes.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for (position, byte) in bytes.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexDigit(byte) else { return nil }
            halves = (halves.0 << 4 | halves.1 >> 60, halves.1 << 4 | digit)
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// The order of the UUIDs' bytes, which is also the order of their text and the server's own.
    package static func < (left: ServerUUID, right: ServerUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ServerUUID: CustomStringConvertible {
    /// The canonical form: lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for half in [self.high, self.low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                if text.count == 8 || text.count == 13 || text.count == 18 || text.count == 23 {
                    text.append(UInt8(ascii: "-"))
                }
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(shift)) & 15
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The value of a hexadecimal digit in either case.
private func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
