/// One event: its header, and its bytes where they lie in the reader's buffer.
///
/// The bytes are borrowed: they are valid until the reader reads on or the call that handed out the event returns.
/// Copy what must last longer.
package struct BinlogEvent {
    /// The header.
    package let header: BinlogEventHeader
    /// Where the event starts in its file, in bytes.
    package let offset: UInt64
    /// The whole event as it is in the file: header, body and checksum.
    package let bytes: UnsafeRawBufferPointer
    /// The event without header and checksum.
    package let body: UnsafeRawBufferPointer

    /// Makes an event of checked bytes; `checksumSize` is 4 or 0.
    init(header: BinlogEventHeader, offset: UInt64, bytes: UnsafeRawBufferPointer, checksumSize: Int) {
        self.header = header
        self.offset = offset
        self.bytes = bytes
        self.body = UnsafeRawBufferPointer(rebasing: bytes[BinlogEventHeader.size..<(bytes.count - checksumSize)])
    }

    /// The largest event there can be, in bytes: the server's largest `max_allowed_packet` and some room for headers.
    package static let maximumLength: UInt32 = (1 << 30) + (1 << 20)
}
