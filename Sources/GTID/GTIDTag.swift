/// The tag of a MySQL GTID (8.3 and later): a letter or underscore, then up to 31 letters, digits or underscores.
///
/// Tags are case-insensitive; the server keeps and prints them in lower case, and so does this type
/// (MySQL: `mysql::gtid::Tag`).
package struct GTIDTag: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The most characters a tag has.
    package static let maximumLength = 32

    /// The tag in lower case.
    package let description: String

    /// Makes a tag, or nil when the text is not one.
    package init?(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

    /// Makes a tag from bytes, or nil when they are not one.
    package init?(utf8 bytes: some Collection<UInt8>) {
        guard let first = bytes.first, !Self.isDigit(first), bytes.count <= Self.maximumLength,
            bytes.allSatisfy(Self.isAllowed)
        else { return nil }
        self.description = String(decoding: bytes.map(Self.lowercased), as: UTF8.self)
    }

    /// The order in which the server prints tags: that of their bytes.
    package static func < (left: GTIDTag, right: GTIDTag) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    /// Whether a tag, and not a number, starts with this byte.
    static func isStart(_ byte: UInt8) -> Bool { self.isAllowed(byte) && !self.isDigit(byte) }

    /// Whether the byte may stand in a tag.
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: self.isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
