import Failures

/// Reads a binary log file event by event and checks each one's frame, position and checksum.
///
/// Memory holds one event at a time; its buffer grows to the largest event of the file. Only the bytes that the file
/// has when it is opened are read.
package struct BinlogFileReader: ~Copyable {
    private var window: FileWindow
    private var checker: EventChecker

    /// Opens the file and checks the magic number it starts with.
    ///
    /// - Throws: `Failure` of class `integrity` when the file is not a binary log in clear, `internal` when it cannot
    ///   be opened or read.
    package init(path: String) throws {
        var window = try FileWindow(path: path)
        try Self.checkMagic(&window)
        self.window = window
        self.checker = EventChecker(file: path)
    }

    /// The file's path.
    package var path: String { self.checker.file }

    /// The file's size in bytes when it was opened.
    package var size: UInt64 { self.window.size }

    /// What the file's first event says; nil before it was read.
    package var format: FormatDescription? { self.checker.format }

    /// Reads the next event, or returns nil at the end of the file.
    ///
    /// The event's bytes are valid until the next call.
    ///
    /// - Throws: `Failure` of class `integrity` that names file and offset, `internal` when reading fails.
    package mutating func next() throws -> BinlogEvent? {
        let left = self.window.size - self.checker.offset
        guard left > 0 else {
            guard self.checker.format != nil else { throw self.checker.place.failure("the file has no event") }
            return nil
        }
        guard left >= UInt64(BinlogEventHeader.size) else {
            throw self.checker.place.failure("\(left) bytes are left: the event's header is cut short")
        }
        let header = try self.checker.header(try self.window.peek(BinlogEventHeader.size), remaining: left)
        let event = try self.checker.accept(try self.window.peek(Int(header.length)))
        self.window.skip(Int(header.length))
        // In a copy that was taken over replication the event is marked, and what follows is in clear.
        if event.header.type == .mariadbStartEncryption, !event.header.flags.contains(.ignorable) {
            throw Self.encrypted(BinlogPlace(file: self.path, offset: event.offset))
        }
        return event
    }

    /// Calls the body with every event that is left, in order; an event's bytes are valid during the call.
    ///
    /// - Throws: what the body throws, and `Failure` as ``next()`` does.
    package mutating func forEach(_ body: (BinlogEvent) throws -> Void) throws {
        while let event = try self.next() { try body(event) }
    }

    private static func checkMagic(_ window: inout FileWindow) throws {
        let place = BinlogPlace(file: window.path, offset: 0)
        let size = Int(EventChecker.magicSize)
        guard window.size >= EventChecker.magicSize else {
            throw place.failure("the file is too short for a binary log")
        }
        let magic = Array(try window.peek(size))
        window.skip(size)
        if magic == [0xFD, 0x62, 0x69, 0x6E] { throw Self.encrypted(place) }
        guard magic == BinlogReceiver.magic else { throw place.failure("this is not a binary log") }
    }

    /// The failure that tells why an encrypted file is of no use here.
    private static func encrypted(_ place: BinlogPlace) -> Failure {
        place.failure(
            "the binary log is encrypted",
            hint: "encrypted files can only be taken over a replication connection, where the server decrypts them"
        )
    }
}
