import Failures

/// The way of a package's bytes in: source, digests, then gzip.
///
/// An error is kept, because libarchive, which asks for the bytes, can pass on only that something failed.
final class PackageInput {
    private static let inputSize = 1 << 20

    private let source: any ByteSource
    private let expected: PackageDigest
    private let progress: (Int64) -> Void
    private let checkCancellation: () throws -> Void
    private let decoder = GzipDecoder()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PackageInput.inputSize, alignment: 64)
    private var digest = StreamDigest()
    /// The first error of reading or inflating.
    private(set) var failure: (any Error)?

    init(
        source: any ByteSource,
        expected: PackageDigest,
        progress: @escaping (Int64) -> Void,
        checkCancellation: @escaping () throws -> Void
    ) {
        self.source = source
        self.expected = expected
        self.progress = progress
        self.checkCancellation = checkCancellation
    }

    deinit { self.buffer.deallocate() }

    /// The package's path or address.
    var name: String { self.source.name }

    /// How far the compressed package was read, for messages.
    var position: String { "around byte \(self.digest.bytes) of \(self.expected.bytes)" }

    /// The next bytes of the tar, valid until the next call; nil when there are none, and ``failure`` says why.
    func nextOrFailure() -> UnsafeRawBufferPointer? {
        guard self.failure == nil else { return nil }
        do {
            return try self.next()
        } catch {
            self.failure = error
            return nil
        }
    }

    /// Reads what is left, and compares the whole with what is expected.
    func finish() throws {
        while try !self.next().isEmpty {}
        let rest = try self.pull()
        guard rest.isEmpty, !self.decoder.hasTrailingInput else {
            throw Failure.damaged(self.name, "has bytes after its end, \(self.position)")
        }
        guard self.digest.bytes == self.expected.bytes else { throw self.truncated() }
        let actual = self.digest.finalize()
        try self.compare("SHA-256", actual.sha256, self.expected.sha256)
        try self.compare("SHA-1", actual.sha1, self.expected.sha1)
    }

    private func next() throws -> UnsafeRawBufferPointer {
        // Here, and not only where input is pulled: a few bytes of input may inflate to gigabytes.
        try self.checkCancellation()
        do {
            return try self.decoder.next(pull: self.pull)
        } catch GzipDecoder.Damage.truncated {
            throw self.truncated()
        } catch GzipDecoder.Damage.corrupt(let cause) {
            throw Failure.damaged(self.name, "is corrupt \(self.position)", cause: cause)
        }
    }

    private func pull() throws -> UnsafeRawBufferPointer {
        let count = try self.source.read(into: self.buffer)
        let bytes = UnsafeRawBufferPointer(rebasing: self.buffer.prefix(count))
        self.digest.update(bytes)
        guard self.digest.bytes <= self.expected.bytes else {
            throw Failure.damaged(self.name, "is longer than the \(self.expected.bytes) bytes it should have")
        }
        self.progress(self.digest.bytes)
        return bytes
    }

    private func truncated() -> Failure {
        Failure.damaged(self.name, "is truncated after \(self.digest.bytes) of \(self.expected.bytes) bytes")
    }

    private func compare(_ kind: String, _ actual: String, _ expected: String) throws {
        guard actual == expected else {
            throw Failure.damaged(self.name, "has another \(kind) than it should", cause: "\(actual), not \(expected)")
        }
    }
}
