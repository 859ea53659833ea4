import Failures
package import GTID

/// Checks a binary log whose bytes come piece by piece, as those of a package do.
///
/// Every event's frame, position and checksum is checked. Memory holds one event at the most, and none where a piece
/// has it as a whole.
package struct BinlogScanner {
    private let name: String
    private let size: UInt64
    private var checker: EventChecker
    private var account: BinlogAccount
    /// The start of what is still to come as a whole: the magic number, or an event.
    private var pending: [UInt8] = []
    private var hasMagic = false

    /// Prepares to check a file.
    ///
    /// - Parameters:
    ///   - name: The file's name, without folder.
    ///   - place: What to call the file in messages.
    ///   - size: How many bytes will come.
    ///   - flavor: The kind of the server that wrote it.
    package init(name: String, place: String, size: UInt64, flavor: GTIDFlavor) {
        self.name = name
        self.size = size
        self.checker = EventChecker(file: place)
        self.account = BinlogAccount(flavor: flavor)
    }

    /// Takes the next bytes of the file.
    ///
    /// - Throws: `Failure` of class `integrity` that names file and offset.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if self.pending.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest)
                let count = try self.length(of: piece)
                if piece.count >= count {
                    try self.accept(UnsafeRawBufferPointer(rebasing: piece[..<count]))
                    rest = rest.dropFirst(count)
                    continue
                }
            }
            let missing = try self.pending.withUnsafeBytes { try self.length(of: $0) } - self.pending.count
            self.pending.append(contentsOf: rest.prefix(missing))
            rest = rest.dropFirst(missing)
            try self.acceptPending()
        }
    }

    /// Ends the file and says what it holds.
    ///
    /// - Throws: `Failure` of class `integrity` when it ends too early.
    package func finish() throws -> BinlogSummary {
        guard self.pending.isEmpty else {
            throw self.checker.place.failure("\(self.pending.count) bytes are left: the event is cut short")
        }
        guard let format = self.checker.format else { throw self.checker.place.failure("the file has no event") }
        return self.account.summary(name: self.name, size: self.checker.offset, format: format)
    }

    /// How many bytes the piece has that begins with these; of an event whose header has not come, the header's.
    private func length(of bytes: UnsafeRawBufferPointer) throws -> Int {
        guard self.hasMagic else { return Int(EventChecker.magicSize) }
        guard bytes.count >= BinlogEventHeader.size else { return BinlogEventHeader.size }
        let left = self.size > self.checker.offset ? self.size - self.checker.offset : 0
        let header = UnsafeRawBufferPointer(rebasing: bytes[..<BinlogEventHeader.size])
        return Int(try self.checker.header(header, remaining: left).length)
    }

    private mutating func acceptPending() throws {
        let isWhole = try self.pending.withUnsafeBytes { try self.length(of: $0) == $0.count }
        guard isWhole else { return }
        let bytes = self.pending
        try bytes.withUnsafeBytes { try self.accept($0) }
        self.pending.removeAll(keepingCapacity: true)
    }

    private mutating func accept(_ bytes: UnsafeRawBufferPointer) throws {
        guard self.hasMagic else {
            guard bytes.elementsEqual(BinlogReceiver.magic) else {
                throw BinlogPlace(file: self.checker.file, offset: 0).failure("this is not a binary log in clear")
            }
            self.hasMagic = true
            return
        }
        let place = self.checker.place
        let event = try self.checker.accept(bytes)
        try place.naming { try self.account.add(event) }
    }
}
