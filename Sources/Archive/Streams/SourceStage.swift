/// Reads a source ahead of everything else, digests it and deals its pieces out to the lanes: one thread's work.
struct SourceStage {
    private let source: any ByteSource
    private let expected: ExpectedStream
    private let lanes: Lanes
    private let progress: SourceProgress
    private var digest = StreamDigest()
    private var isAtEnd = false

    init(source: any ByteSource, expected: ExpectedStream, lanes: Lanes, progress: SourceProgress) {
        self.source = source
        self.expected = expected
        self.lanes = lanes
        self.progress = progress
    }

    /// Reads to the end; a failure stops the lanes.
    mutating func run() {
        do {
            try self.readAll()
            self.progress.total = self.digest.record
            self.lanes.end()
        } catch {
            self.lanes.fail(error)
        }
    }

    private mutating func readAll() throws {
        var block = try self.block(from: [], to: GzipMember.headerSize)
        guard block.count > 0 else { throw self.truncated() }
        guard let format = block.withBytes(StreamFormat.init) else {
            throw self.expected.corrupt(at: 0, cause: "it is neither gzip nor zstd")
        }
        self.progress.format = format
        if format == .members { return try self.readMembers(block) }
        while block.count > 0 {
            try self.lanes.send(block, to: 0)
            block = try self.block(from: [], to: Block.contentSize)
        }
    }

    /// Reads each member together with the header of the next one.
    private mutating func readMembers(_ first: Block) throws {
        var block = first
        var index = 0
        while block.count > 0 {
            guard let length = block.withBytes(GzipMember.length) else { throw self.noMember(block) }
            try self.fill(&block, to: length + GzipMember.headerSize)
            guard block.count >= length else { throw self.truncated() }
            let next = block.split(at: length)
            try self.lanes.send(block, to: index)
            index += 1
            block = try self.block(from: next, to: next.count)
        }
    }

    private func noMember(_ block: Block) -> any Error {
        let isGzip = block.withBytes { $0.prefix(2).elementsEqual([0x1F, 0x8B].prefix($0.count)) }
        guard isGzip else { return self.expected.trailing(at: block.offset) }
        guard block.count == GzipMember.headerSize else { return self.truncated() }
        return self.expected.corrupt(at: block.offset, cause: "a gzip member does not say how long it is")
    }

    private func truncated() -> any Error { self.expected.truncated(after: self.digest.bytes) }

    /// A block that begins with the bytes, which were read already, filled up from the source.
    private mutating func block(from start: [UInt8], to end: Int) throws -> Block {
        var block = self.lanes.pool.take()
        block.offset = self.digest.bytes - Int64(start.count)
        _ = start.withUnsafeBytes { block.append($0) }
        try self.fill(&block, to: end)
        return block
    }

    private mutating func fill(_ block: inout Block, to end: Int) throws {
        while block.count < end, !self.isAtEnd {
            try block.fill(to: end) { memory in
                let count = try self.source.read(into: memory)
                try self.count(UnsafeRawBufferPointer(rebasing: memory.prefix(count)))
                return count
            }
        }
    }

    private mutating func count(_ bytes: UnsafeRawBufferPointer) throws {
        self.isAtEnd = bytes.isEmpty
        self.digest.update(bytes)
        self.progress.position = self.digest.bytes
        guard self.digest.bytes <= self.expected.record.bytes else { throw self.expected.tooLong() }
        if self.isAtEnd, self.digest.bytes < self.expected.record.bytes { throw self.truncated() }
    }
}
