import Binlog
import CISAL
import Foundation
import GTID

/// Builds binary logs byte by byte, right unless told otherwise.
struct LogBuilder {
    /// The file so far.
    private(set) var bytes: [UInt8] = BinlogReceiver.magic
    /// The events so far, each with its own bytes.
    private(set) var events: [[UInt8]] = []
    let checksum: ChecksumAlgorithm

    init(checksum: ChecksumAlgorithm = .crc32) { self.checksum = checksum }

    /// Adds an event with the right length, position and checksum, and gives its bytes.
    @discardableResult
    mutating func add(_ type: UInt8, _ body: [UInt8] = [], server: UInt32 = 1, flags: UInt16 = 0) -> [UInt8] {
        let hasChecksum = self.checksum == .crc32 || type == 15
        let length = UInt32(19 + body.count + (hasChecksum ? 4 : 0))
        let position = UInt32(self.bytes.count) + length
        let event = Self.event(
            type,
            body,
            server: server,
            flags: flags,
            position: position,
            checksum: hasChecksum ? .crc32 : .none
        )
        self.append(event)
        return event
    }

    /// Adds an event as it is.
    mutating func append(_ event: [UInt8]) {
        self.bytes += event
        self.events.append(event)
    }

    /// Adds the format description that every file starts with.
    @discardableResult
    mutating func addFormat(version: UInt16 = 4, server: String = "9.7.4", flags: UInt16 = 0) -> [UInt8] {
        self.add(15, Self.formatBody(self.checksum.rawValue, version: version, server: server), flags: flags)
    }

    static func formatBody(
        _ algorithm: UInt8,
        version: UInt16 = 4,
        server: String = "9.7.4",
        headerLength: UInt8 = 19
    ) -> [UInt8] {
        let name = Array(server.utf8) + [UInt8](repeating: 0, count: 50 - server.utf8.count)
        return little(version) + name + little(UInt32(77)) + [headerLength] + [UInt8](repeating: 8, count: 42)
            + [algorithm]
    }

    /// One event; the length is that of its bytes unless given.
    static func event(
        _ type: UInt8,
        _ body: [UInt8] = [],
        timestamp: UInt32 = 1_800_000_000,
        server: UInt32 = 1,
        flags: UInt16 = 0,
        position: UInt32 = 0,
        length: UInt32? = nil,
        checksum: ChecksumAlgorithm = .crc32
    ) -> [UInt8] {
        let size = length ?? UInt32(19 + body.count + checksum.size)
        let head = little(timestamp) + [type] + little(server) + little(size) + little(position)
        // The in-use flag of a format description is not part of the sum.
        let summed = head + little(type == 15 ? flags & 0xFFFE : flags) + body
        let crc = crc32_gzip_refl(0, summed, UInt64(summed.count))
        return head + little(flags) + body + (checksum == .crc32 ? little(crc) : [])
    }

    static func artificialRotate(_ name: String, position: UInt64 = 4, checksum: ChecksumAlgorithm = .crc32) -> [UInt8]
    {
        self.event(4, little(position) + Array(name.utf8), timestamp: 0, flags: 0x20, checksum: checksum)
    }

    static func gtidBody(_ uuid: [UInt8], _ number: Int64) -> [UInt8] { [1] + uuid + little(number) + [2] + zeros(16) }

    static func mariadbGTIDBody(_ domain: UInt32, _ number: UInt64) -> [UInt8] {
        little(number) + little(domain) + zeros(7)
    }

    static func listBody(_ entries: [(UInt32, UInt32, UInt64)]) -> [UInt8] {
        little(UInt32(entries.count)) + entries.flatMap { little($0.0) + little($0.1) + little($0.2) }
            + zeros(entries.isEmpty ? 2 : 0)
    }

    static func rotateBody(_ name: String, position: UInt64 = 4) -> [UInt8] { little(position) + Array(name.utf8) }

    /// An integer of variable length as MySQL's serialization library writes it.
    static func variable(_ value: UInt64) -> [UInt8] {
        let size = value >> 56 != 0 ? 9 : max(1, (64 - value.leadingZeroBitCount + 6) / 7)
        if size == 9 { return [0xFF] + little(value) }
        return Array(little(value << UInt64(size) | (1 << UInt64(size - 1) - 1)).prefix(size))
    }

    /// The body of a tagged GTID event.
    static func taggedBody(_ uuid: [UInt8], _ tag: String, _ number: Int64, version: UInt64 = 1) -> [UInt8] {
        let fields =
            self.variable(0) + self.variable(0) + self.variable(0) + self.variable(1)
            + uuid.flatMap { self.variable(UInt64($0)) } + self.variable(2) + self.variable(UInt64(number) << 1)
            + self.variable(3) + self.variable(UInt64(tag.utf8.count)) + Array(tag.utf8)
        // The size counts itself and the version in front of it, a byte each for messages this short.
        return self.variable(version) + self.variable(UInt64(fields.count + 2)) + fields
    }
}

/// The integer's bytes, little endian.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// The bytes of hexadecimal digits, blanks and line ends between them skipped.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Runs the body with the path of a file that holds the bytes.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "binlog-\(UUID().uuidString).000001").path
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// Scans a file of the given bytes.
func scan(_ bytes: [UInt8], _ flavor: GTIDFlavor = .mysql) throws -> BinlogSummary {
    try withFile(bytes) { try BinlogSummary.scan(path: $0, flavor: flavor) }
}
