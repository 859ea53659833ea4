import Failures
package import GTID

/// Turns the events of a replication dump back into the source's files.
///
/// It does no input or output: the caller hands it each event's bytes in order, without the packet's leading status
/// byte, and does what the answer says. Every event is checked before the answer allows to write it.
package struct BinlogReceiver {
    /// What to do with an event.
    package enum Action: Sendable, Equatable {
        /// Nothing: the event is not part of a file.
        case nothing
        /// Close the current file, if any, create the named one and write the four bytes of ``magic``; the event
        /// itself is not written. `finished` describes the file that was closed.
        case startFile(String, finished: BinlogSummary?)
        /// Append the event's bytes to the current file, unchanged.
        case append
    }

    /// The four bytes that every binary log file starts with.
    package static let magic: [UInt8] = [0xFE, 0x62, 0x69, 0x6E]

    private struct OpenFile {
        var checker: EventChecker
        var account: BinlogAccount
    }

    private let flavor: GTIDFlavor
    private var current: OpenFile?

    /// Makes a receiver for a dump of the given kind of server.
    package init(flavor: GTIDFlavor) { self.flavor = flavor }

    /// The name of the file being received; nil before the first and after ``finish()``.
    package var fileName: String? { self.current?.checker.file }

    /// How many bytes the current file has, magic included; 0 without a file.
    package var fileSize: UInt64 { self.current?.checker.offset ?? 0 }

    /// The source's own position after the last event, which a broken dump must go on from.
    package var sourcePosition: UInt64 { self.current.map { $0.checker.offset + $0.checker.gap } ?? 0 }

    /// Checks the next event of the dump and says what to do with it.
    ///
    /// - Throws: `Failure` of class `integrity` that names the file and its offset; nothing of the event may be
    ///   written then, and the receiver is in the state before it.
    package mutating func receive(_ event: UnsafeRawBufferPointer) throws -> Action {
        let checker = self.current?.checker ?? EventChecker(file: "the replication stream")
        let header = try checker.header(event, remaining: UInt64(event.count))
        if header.type == .rotate, header.nextPosition == 0 || header.flags.contains(.artificial) {
            return try self.rotate(to: self.rotation(event, checker), checker)
        }
        guard self.current != nil else {
            throw checker.place.failure("an event of type \(header.type.rawValue) comes before any file's name")
        }
        if header.type.isHeartbeat || header.flags.contains(.artificial) || self.isRepetition(header) {
            try self.checkAside(event, header, checker)
            return .nothing
        }
        return try self.append(event)
    }

    /// Ends the last file and describes it; nil when there is none, or not even its first event came.
    package mutating func finish() -> BinlogSummary? {
        defer { self.current = nil }
        return self.current.flatMap(Self.summary)
    }

    /// Reads an artificial Rotate, which has a checksum or not before any format description could tell.
    private func rotation(_ event: UnsafeRawBufferPointer, _ checker: EventChecker) throws -> RotateEvent {
        guard try BinlogEventHeader(event).length == event.count else {
            throw checker.place.failure("the event's length differs from the \(event.count) bytes that came")
        }
        // A name that happens to end in the checksum of what is before it is as unlikely as a wrong checksum that fits.
        let hasChecksum = (try? ChecksumAlgorithm.verify(event)) != nil
        let end = event.count - (hasChecksum ? ChecksumAlgorithm.crc32.size : 0)
        return try checker.place.naming {
            try RotateEvent(body: UnsafeRawBufferPointer(rebasing: event[BinlogEventHeader.size..<end]))
        }
    }

    private mutating func rotate(to next: RotateEvent, _ checker: EventChecker) throws -> Action {
        let isSameFile = next.fileName == self.fileName
        // A dump that broke off goes on where it stopped; a new file must come from its start.
        let expected = isSameFile ? self.sourcePosition : EventChecker.magicSize
        guard next.position == expected else {
            throw checker.place.failure(
                "the server goes on at \(next.position) of \(next.fileName), and \(expected) is expected"
            )
        }
        if isSameFile { return .nothing }
        if self.current != nil, checker.format == nil { throw checker.place.failure("the file got no event") }
        let finished = self.current.flatMap(Self.summary)
        self.current = OpenFile(checker: EventChecker(file: next.fileName), account: BinlogAccount(flavor: self.flavor))
        return .startFile(next.fileName, finished: finished)
    }

    /// Whether the server repeats the start of a file because the dump goes on in its middle.
    private func isRepetition(_ header: BinlogEventHeader) -> Bool {
        guard header.nextPosition == 0, self.fileSize > EventChecker.magicSize else { return false }
        return header.type == .formatDescription || header.type == .mariadbStartEncryption
    }

    /// Checks an event that is not part of the file.
    private func checkAside(
        _ event: UnsafeRawBufferPointer,
        _ header: BinlogEventHeader,
        _ checker: EventChecker
    ) throws {
        guard header.type == .formatDescription else {
            _ = try checker.checkAlone(event)
            return
        }
        // The server changed the event for us and renews its checksum only where checksums are on.
        let format = try checker.place.naming {
            let format = try FormatDescription(event: event)
            if format.checksum == .crc32 { try ChecksumAlgorithm.verify(event, isFormatDescription: true) }
            return format
        }
        guard format == checker.format else {
            throw checker.place.failure("the format description differs from the one that the file starts with")
        }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws -> Action {
        guard var checker = self.current?.checker else { return .nothing }
        let place = checker.place
        let event = try checker.accept(bytes)
        guard event.header.nextPosition != 0 || event.header.type == .formatDescription else {
            throw place.failure("an event of type \(event.header.type.rawValue) has no position")
        }
        if event.header.type == .mariadbStartEncryption {
            // The server sends in clear what its file holds encrypted; our copy must not say otherwise.
            checker.leaveOut(event)
            self.current?.checker = checker
            return .nothing
        }
        try place.naming { try self.current?.account.add(event) }
        self.current?.checker = checker
        return .append
    }

    private static func summary(of file: OpenFile) -> BinlogSummary? {
        file.checker.format.map {
            file.account.summary(name: file.checker.file, size: file.checker.offset, format: $0)
        }
    }
}
