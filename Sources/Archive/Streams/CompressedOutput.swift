import Failures

/// The way of a stream's bytes out: the caller's thread fills blocks, others compress them, and one digests what comes
/// out and writes it to every sink.
///
/// Nothing is left running when this object is let go of.
final class CompressedOutput {
    private let sinks: [any ByteSink]
    private let lanes: Lanes
    private let output: OutputStage
    private let checkCancellation: () throws -> Void
    private var threads: [BackgroundThread] = []
    private var block: Block
    private var sent = 0

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - threads: How many threads compress.
    ///   - checkCancellation: Called ten times a second while a stage is waited for; what it throws ends the wait.
    init(
        sinks: [any ByteSink],
        compression: PackageCompression,
        threads: Int,
        checkCancellation: @escaping () throws -> Void
    ) throws {
        let threads = ProcessorCount.clamp(threads)
        // libzstd brings its own threads.
        let lanes = Lanes(count: compression == .zstd ? 1 : threads)
        let output = OutputStage(sinks: sinks, lanes: lanes)
        self.sinks = sinks
        self.lanes = lanes
        self.output = output
        self.checkCancellation = checkCancellation
        self.block = lanes.pool.take()
        try lanes.start(keepingIn: &self.threads) {
            switch compression {
            case .gzip: GzipMemberEncoder(pool: lanes.pool)
            case .zstd: ZstdEncoder(pool: lanes.pool, threads: threads)
            }
        }
        self.threads.append(try BackgroundThread { output.run() })
    }

    /// Ends all threads; one that is in a sink's `write` ends when that returns.
    deinit {
        self.stop()
        for thread in self.threads { thread.join() }
    }

    /// Takes the next bytes.
    ///
    /// - Throws: The first failure of any stage, as soon as it is known.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = self.block.append(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if self.block.count == Block.contentSize { try self.send() }
        }
    }

    /// Ends the stream and every sink.
    ///
    /// - Returns: The length and the digests of the compressed bytes.
    func finish() throws -> StreamRecord {
        // A stream of nothing is one empty member.
        if self.block.count > 0 || self.sent == 0 { try self.send() }
        self.lanes.end()
        let total = try self.output.finish(waiting: self.checkCancellation)
        for sink in self.sinks { try sink.finish() }
        return total
    }

    /// Stops all stages without waiting for them: nothing more is wanted.
    func stop() { self.lanes.fail(Lanes.Stopped()) }

    private func send() throws {
        let full = self.block
        self.block = self.lanes.pool.take()
        try self.lanes.send(full, to: self.sent, waiting: self.checkCancellation)
        self.sent += 1
    }
}
