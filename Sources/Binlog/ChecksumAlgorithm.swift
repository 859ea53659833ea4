import CISAL
import Failures

/// How a file's events are protected, as its format description says.
package enum ChecksumAlgorithm: UInt8, Sendable, CaseIterable {
    /// Not at all: `binlog_checksum=NONE`.
    case none = 0
    /// The last four bytes of every event are the CRC-32 of the others.
    case crc32 = 1

    /// How many bytes the checksum takes at an event's end.
    package var size: Int { self == .none ? 0 : 4 }

    /// The CRC-32 of an event's bytes but the last four.
    ///
    /// A format description is summed as if its in-use flag were clear, because the server clears it in place when it
    /// closes the file (MySQL: `Log_event::write_header`; MariaDB does the same).
    static func checksum(of event: UnsafeRawBufferPointer, isFormatDescription: Bool) -> UInt32 {
        let end = event.count - 4
        guard isFormatDescription, let base = event.baseAddress, end >= BinlogEventHeader.size else {
            return self.update(0, event, 0..<max(end, 0))
        }
        let flags: [UInt8] = [base.load(fromByteOffset: 17, as: UInt8.self) & 0xFE]
        let head = self.update(0, event, 0..<17)
        let middle = flags.withUnsafeBytes { self.update(head, $0, 0..<1) }
        return self.update(middle, event, 18..<end)
    }

    /// Checks the last four bytes of an event.
    ///
    /// - Throws: `Failure` of class `integrity` when they do not match the others.
    static func verify(_ event: UnsafeRawBufferPointer, isFormatDescription: Bool = false) throws {
        guard event.count >= BinlogEventHeader.size + 4 else {
            throw Failure(.integrity, "an event of \(event.count) bytes has no room for its checksum")
        }
        let stored = UInt32(littleEndian: event.loadUnaligned(fromByteOffset: event.count - 4, as: UInt32.self))
        let computed = self.checksum(of: event, isFormatDescription: isFormatDescription)
        guard stored == computed else {
            throw Failure(.integrity, "the event's checksum differs (stored \(stored), computed \(computed))")
        }
    }

    private static func update(_ value: UInt32, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt32 {
        let part = UnsafeRawBufferPointer(rebasing: bytes[range]).assumingMemoryBound(to: UInt8.self)
        return crc32_gzip_refl(value, part.baseAddress, UInt64(part.count))
    }
}
