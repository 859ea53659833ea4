import Failures

/// Checks the frame of one file's events, one after the other: header, order, position and checksum.
struct EventChecker {
    /// The bytes before a file's first event.
    static let magicSize: UInt64 = 4

    /// The file's name or path, for messages.
    let file: String
    /// What the file's first event says; nil before it.
    private(set) var format: FormatDescription?
    /// Where the next event starts, in bytes.
    private(set) var offset = Self.magicSize
    /// How far the source's positions are ahead of the file's offsets, because an event was left out.
    private(set) var gap: UInt64 = 0

    init(file: String) { self.file = file }

    /// The place of the next event.
    var place: BinlogPlace { BinlogPlace(file: self.file, offset: self.offset) }

    /// Reads the next event's header and checks what can be checked without the body.
    ///
    /// `remaining` is how many bytes are left for the event, header included.
    func header(_ bytes: UnsafeRawBufferPointer, remaining: UInt64) throws -> BinlogEventHeader {
        let header = try self.place.naming { try BinlogEventHeader(bytes) }
        guard header.length >= BinlogEventHeader.size, header.length <= BinlogEvent.maximumLength else {
            throw self.place.failure("the event's length is \(header.length), which is out of range")
        }
        guard UInt64(header.length) <= remaining else {
            throw self.place.failure("the event has \(header.length) bytes and \(remaining) are left: it is cut short")
        }
        return header
    }

    /// Checks a whole event as the next one of the file.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) throws -> BinlogEvent {
        let event = try self.checkAlone(bytes)
        let isFirst = self.format == nil
        guard (event.header.type == .formatDescription) == isFirst else {
            throw self.place.failure(
                isFirst ? "the first event is not a format description" : "there is a second format description"
            )
        }
        try self.checkPosition(of: event)
        if isFirst { self.format = try self.place.naming { try FormatDescription(event: bytes) } }
        self.offset += UInt64(bytes.count)
        return event
    }

    /// Checks a whole event but not its position and order, as for events that are not part of the file.
    func checkAlone(_ bytes: UnsafeRawBufferPointer) throws -> BinlogEvent {
        let header = try self.header(bytes, remaining: UInt64(bytes.count))
        guard Int(header.length) == bytes.count else {
            throw self.place.failure("the event's length is \(header.length) and \(bytes.count) bytes came")
        }
        let isFormat = header.type == .formatDescription
        if isFormat || self.format?.checksum == .crc32 {
            try self.place.naming { try ChecksumAlgorithm.verify(bytes, isFormatDescription: isFormat) }
        }
        // Only now, so that a damaged type is reported as damage.
        guard header.type.isKnown || header.flags.contains(.ignorable) else {
            throw self.place.failure(
                "the event's type is \(header.type.rawValue), which is unknown",
                hint: "a newer server may have written the file: use a version of this program that knows it"
            )
        }
        let checksumSize = isFormat ? ChecksumAlgorithm.crc32.size : self.format?.checksum.size ?? 0
        return BinlogEvent(header: header, offset: self.offset, bytes: bytes, checksumSize: checksumSize)
    }

    /// Leaves out the event that was just accepted; from here on the source's positions are ahead by its length.
    mutating func leaveOut(_ event: BinlogEvent) {
        self.offset -= UInt64(event.bytes.count)
        self.gap += UInt64(event.bytes.count)
    }

    private mutating func checkPosition(of event: BinlogEvent) throws {
        // Artificial events carry no position.
        if event.header.nextPosition == 0 { return }
        let end = self.offset + UInt64(event.bytes.count)
        // The header has 32 bits for it, whatever the file's size.
        let ahead = event.header.nextPosition &- UInt32(truncatingIfNeeded: end + self.gap)
        if ahead == 0 { return }
        guard self.mayFollowGap(of: ahead) else {
            throw self.place.failure(
                "the event ends at \(end) and its header says \(event.header.nextPosition): events are missing or moved"
            )
        }
        self.gap = UInt64(ahead)
    }

    /// Whether MariaDB's Start_encryption event, 36 bytes and perhaps a checksum, was left out just before.
    ///
    /// An encrypting server writes it after the format description; in a decrypted copy it would say that what
    /// follows is encrypted, so a receiver leaves it out.
    private func mayFollowGap(of length: UInt32) -> Bool {
        guard let format = self.format, self.gap == 0 else { return false }
        let formatEnd = Self.magicSize + UInt64(format.eventSize)
        return self.offset == formatEnd && Int(length) == 36 + format.checksum.size
    }
}
