import Failures

/// Compresses a stream of bytes of any kind into one or more sinks, with the digests of what they get.
///
/// Reading, compressing and writing run side by side, and memory use does not depend on the length of the stream. After
/// any error the writer is of no further use, and the sinks should be let go of.
package final class StreamWriter {
    private enum State { case open, failed, finished }

    private let output: CompressedOutput
    private let progress: (Int64) -> Void
    private let checkCancellation: () throws -> Void
    private var limit: RateLimit?
    private var bytes: Int64 = 0
    private var state = State.open

    /// Starts a stream.
    ///
    /// - Parameters:
    ///   - sinks: Where the compressed bytes go; each gets all of them, from another thread than the caller's.
    ///   - compression: How the bytes are compressed.
    ///   - threads: How many threads compress, 1 to 16.
    ///   - maxRate: How many uncompressed bytes are taken in a second, at most; nil for no limit.
    ///   - progress: Called with the number of uncompressed bytes taken so far, at least once a MiB.
    ///   - checkCancellation: Called at least once a MiB, and ten times a second while a sink is waited for; what it
    ///     throws ends the call that is running.
    package init(
        sinks: [any ByteSink],
        compression: PackageCompression = .gzip,
        threads: Int = ProcessorCount.current,
        maxRate: Int64? = nil,
        progress: @escaping (Int64) -> Void = { _ in },
        checkCancellation: @escaping () throws -> Void
    ) throws {
        self.output = try CompressedOutput(
            sinks: sinks,
            compression: compression,
            threads: threads,
            checkCancellation: checkCancellation
        )
        self.limit = maxRate.map { RateLimit(bytesPerSecond: $0) }
        self.progress = progress
        self.checkCancellation = checkCancellation
    }

    /// Takes the next bytes.
    ///
    /// - Throws: The first failure of any stage; it may be one of bytes that were taken earlier.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try self.step {
            for start in stride(from: 0, to: bytes.count, by: Block.contentSize) {
                let end = min(start + Block.contentSize, bytes.count)
                try self.checkCancellation()
                try self.limit?.pass(end - start, checkCancellation: self.checkCancellation)
                try self.output.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                self.bytes += Int64(end - start)
                self.progress(self.bytes)
            }
        }
    }

    /// Ends the stream and every sink.
    ///
    /// - Returns: The length and the digests of the compressed stream.
    package func finish() throws -> StreamRecord {
        try self.step {
            try self.checkCancellation()
            let record = try self.output.finish()
            self.state = .finished
            return record
        }
    }

    private func step<Result>(_ body: () throws -> Result) throws -> Result {
        guard self.state == .open else {
            let reason = self.state == .failed ? "an earlier step failed" : "it is finished already"
            throw Failure(.internal, "Cannot go on with the stream: \(reason)")
        }
        do {
            return try body()
        } catch {
            self.state = .failed
            self.output.stop()
            throw error
        }
    }
}
