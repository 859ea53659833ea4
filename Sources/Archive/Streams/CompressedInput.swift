import Failures

/// The way of a compressed stream in: a thread reads and digests the source, others decompress, and the caller's takes
/// what comes out.
///
/// Nothing runs before the first call of ``next(_:)``, and nothing is left running when this object is let go of.
final class CompressedInput {
    /// What the stream must be.
    let expected: ExpectedStream
    private let source: any ByteSource
    private let lanes: Lanes
    private let state = SourceProgress()
    private let progress: (Int64) -> Void
    private let checkCancellation: () throws -> Void
    private var threads: [BackgroundThread] = []
    private var lane = 0
    /// Where in the compressed stream the bytes that were given last come from.
    private(set) var position: Int64 = 0

    /// - Parameters:
    ///   - threads: How many threads decompress, where the format allows more than one.
    ///   - progress: Called with the number of compressed bytes read so far, at least once a MiB.
    ///   - checkCancellation: Called at least once a MiB, and ten times a second; what it throws is thrown.
    init(
        source: any ByteSource,
        expected: StreamRecord,
        threads: Int,
        progress: @escaping (Int64) -> Void,
        checkCancellation: @escaping () throws -> Void
    ) {
        self.source = source
        self.expected = ExpectedStream(name: source.name, record: expected)
        self.lanes = Lanes(count: ProcessorCount.clamp(threads))
        self.progress = progress
        self.checkCancellation = checkCancellation
    }

    deinit { self.stop() }

    /// Finds a stream of another length before anything of it is read, where the source knows its length.
    func checkLength() throws {
        guard let size = self.source.size, size != self.expected.record.bytes else { return }
        throw self.expected.wrongLength(size)
    }

    /// Lends the next bytes, at least one.
    ///
    /// - Returns: What the body returns, or nil at the end.
    func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        if self.threads.isEmpty { try self.start() }
        while true {
            try self.checkCancellation()
            guard let block = try self.lanes.receive(from: self.lane, waiting: self.checkCancellation) else {
                return nil
            }
            defer { self.lanes.pool.give(block) }
            // A format that is no series of members has but one lane.
            if self.state.format == .members { self.lane += 1 }
            self.position = block.offset
            self.progress(self.state.position)
            if block.count > 0 { return try block.withBytes(body) }
        }
    }

    /// Compares the whole, which was read to its end, with what is expected.
    func finish() throws {
        try self.lanes.check()
        guard let total = self.state.total else {
            throw Failure(.internal, "Cannot finish reading \(self.expected.name): its end was not reached")
        }
        self.progress(total.bytes)
        try self.expected.compare(total)
    }

    private func start() throws {
        let (source, expected, lanes, state) = (self.source, self.expected, self.lanes, self.state)
        do {
            try lanes.start(keepingIn: &self.threads) {
                DecodingStage(expected: expected, pool: lanes.pool, progress: state)
            }
            self.threads.append(
                try BackgroundThread {
                    var stage = SourceStage(source: source, expected: expected, lanes: lanes, progress: state)
                    stage.run()
                }
            )
        } catch {
            self.stop()
            throw error
        }
    }

    /// Ends all threads; one that is in the source's `read` ends when that returns.
    private func stop() {
        self.lanes.fail(Lanes.Stopped())
        for thread in self.threads { thread.join() }
        self.threads = []
    }
}
