/// The way of a package's bytes out: gzip, then the digests, then every sink.
///
/// An error of a sink is kept, because libarchive, which sits in between, can pass on only that something failed.
final class PackageOutput {
    private let encoder = GzipEncoder()
    private let sinks: [any ByteSink]
    private var digest = StreamDigest()
    /// The first error of a sink.
    private(set) var failure: (any Error)?

    init(sinks: [any ByteSink]) { self.sinks = sinks }

    /// Takes bytes of the tar; false when they could not be written, and ``failure`` says why.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // After a failure nothing more may reach the sinks: there would be a gap.
        guard self.failure == nil else { return false }
        do {
            try self.encoder.write(bytes, emit: self.emit)
            return true
        } catch {
            self.failure = error
            return false
        }
    }

    /// Ends the gzip member and every sink.
    ///
    /// - Returns: The length and the digests of the compressed bytes.
    func finish() throws -> StreamDigest {
        try self.encoder.finish(emit: self.emit)
        for sink in self.sinks { try sink.finish() }
        return self.digest
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws {
        self.digest.update(bytes)
        for sink in self.sinks { try sink.write(bytes) }
    }
}
