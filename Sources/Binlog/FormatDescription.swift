import Failures

/// A file's first event (type 15), which says how to read the others.
///
/// Its body is the binlog version (2 bytes), the server version (50, filled up with zeros), the file's creation time
/// (4), the header length (1), a length per event type, and the checksum algorithm (1); a CRC-32 always follows, also
/// where the other events have none (MySQL internals: "FORMAT_DESCRIPTION_EVENT").
package struct FormatDescription: Sendable, Hashable {
    /// The only binlog version there is since MySQL 5.0.
    package static let supportedVersion: UInt16 = 4

    /// The server's version, such as `9.7.4` or `10.11.19-MariaDB-log`.
    package let serverVersion: String
    /// How the file's events are protected.
    package let checksum: ChecksumAlgorithm
    /// The length of the fixed part of each event type's body, starting with type 1.
    package let postHeaderLengths: [UInt8]

    /// The whole event's length in bytes: header, fixed fields, lengths, checksum algorithm and checksum.
    var eventSize: Int { BinlogEventHeader.size + 57 + self.postHeaderLengths.count + 1 + 4 }

    /// Reads a whole event of type 15, header and checksum included; its checksum is not verified.
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short or of another version.
    package init(event: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(event)
        _ = try cursor.take(BinlogEventHeader.size)
        let version: UInt16 = try cursor.read()
        guard version == Self.supportedVersion else {
            throw Failure(
                .integrity,
                "the binlog version is \(version) and not \(Self.supportedVersion)",
                hint: "servers older than MySQL 5.6 and MariaDB 10 are not supported"
            )
        }
        let name = try cursor.take(50)
        self.serverVersion = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        _ = try cursor.take(4)
        let headerLength: UInt8 = try cursor.read()
        guard Int(headerLength) == BinlogEventHeader.size else {
            throw Failure(.integrity, "the events' header length is \(headerLength) and not \(BinlogEventHeader.size)")
        }
        self.postHeaderLengths = Array(try cursor.take(cursor.remaining - 5))
        let algorithm: UInt8 = try cursor.read()
        // 255, "undefined", was written by servers that knew no checksums.
        guard let checksum = ChecksumAlgorithm(rawValue: algorithm) else {
            throw Failure(.integrity, "the checksum algorithm is \(algorithm), which is unknown")
        }
        self.checksum = checksum
    }
}
