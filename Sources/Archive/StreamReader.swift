/// Reads a compressed stream in one pass, and proves every byte of it by its length and digests.
///
/// gzip, of one member or many, and zstd are told apart by their first bytes. Memory use does not depend on the length
/// of the stream. A reader serves one call of ``read(_:)``.
package final class StreamReader {
    private let input: CompressedInput

    /// Prepares to read a stream.
    ///
    /// - Parameters:
    ///   - source: Where the stream comes from; it is read on another thread than the caller's.
    ///   - expected: What the compressed stream must be.
    ///   - threads: How many threads decompress, 1 to 16, where the format allows more than one.
    ///   - progress: Called with the number of compressed bytes read so far, at least once a MiB of what comes out.
    ///   - checkCancellation: Called at least once a MiB of what comes out, and ten times a second while the source is
    ///     waited for; what it throws ends the call that is running.
    package init(
        source: any ByteSource,
        expected: StreamRecord,
        threads: Int = ProcessorCount.current,
        progress: @escaping (Int64) -> Void = { _ in },
        checkCancellation: @escaping () throws -> Void
    ) {
        self.input = CompressedInput(
            source: source,
            expected: expected,
            threads: threads,
            progress: progress,
            checkCancellation: checkCancellation
        )
    }

    /// Reads the whole stream; only when this returns, what the body got is proved.
    ///
    /// - Parameter body: Gets the decompressed bytes in order, on the caller's thread; they are valid only during the
    ///   call. What it throws ends the reading.
    /// - Throws: `Failure` of class integrity when the stream is not what it should be, and what the source throws.
    package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try self.input.checkLength()
        while try self.input.next(body) != nil {}
        try self.input.finish()
    }
}
