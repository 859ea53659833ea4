/// The 19 bytes, little endian, that every event starts with (MySQL internals: "Binlog Event header").
package struct BinlogEventHeader: Sendable, Hashable {
    /// How many bytes a header has.
    package static let size = 19

    /// The flags of an event that matter here (MySQL: `LOG_EVENT_…_F`).
    package struct Flags: OptionSet, Sendable, Hashable {
        /// The bits in the header.
        package let rawValue: UInt16

        /// Wraps the header's bits.
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// In a format description only: the file is being written, or was not closed.
        package static let inUse = Flags(rawValue: 0x0001)
        /// The server made the event up for the connection; it is in no file.
        package static let artificial = Flags(rawValue: 0x0020)
        /// Whoever does not know the type may skip the event.
        package static let ignorable = Flags(rawValue: 0x0080)
    }

    /// When the event was made, in seconds since 1970; 0 in most artificial events.
    package let timestamp: UInt32
    /// What the event is.
    package let type: BinlogEventType
    /// The id of the server where the event was first written.
    package let serverID: UInt32
    /// The whole event's length in bytes: header, body and checksum.
    package let length: UInt32
    /// Where the next event starts in the source's file, modulo 2^32; 0 in artificial events.
    package let nextPosition: UInt32
    /// The flags.
    package let flags: Flags

    /// Reads the header at the start of the given bytes.
    ///
    /// - Throws: `Failure` of class `integrity` when there are fewer than 19.
    package init(_ bytes: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(bytes)
        self.timestamp = try cursor.read()
        self.type = BinlogEventType(rawValue: try cursor.read())
        self.serverID = try cursor.read()
        self.length = try cursor.read()
        self.nextPosition = try cursor.read()
        self.flags = Flags(rawValue: try cursor.read())
    }
}
