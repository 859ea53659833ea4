import Failures

/// The way of a package's bytes into libarchive.
///
/// An error is kept, because libarchive, which asks for the bytes, can pass on only that something failed.
final class PackageInput {
    private let stream: CompressedInput
    /// libarchive reads from here until it asks again.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Block.capacity, alignment: 64)
    /// The first error of reading or decompressing.
    private(set) var failure: (any Error)?

    init(_ stream: CompressedInput) { self.stream = stream }

    deinit { self.buffer.deallocate() }

    /// The package's path or address.
    var name: String { self.stream.expected.name }

    /// How far the compressed package was read, for messages.
    var position: String { self.stream.expected.around(self.stream.position) }

    /// The next bytes of the tar, valid until the next call, none at the end; nil when ``failure`` says why.
    func nextOrFailure() -> UnsafeRawBufferPointer? {
        guard self.failure == nil else { return nil }
        do {
            let count = try self.stream.next { bytes in
                self.buffer.copyMemory(from: bytes)
                return bytes.count
            }
            return UnsafeRawBufferPointer(rebasing: self.buffer.prefix(count ?? 0))
        } catch {
            self.failure = error
            return nil
        }
    }

    /// Reads what is left, which must mean nothing, and compares the whole with what is expected.
    func finish() throws {
        while let isPadding = try self.stream.next(Zeros.fill) {
            guard isPadding else { throw self.stream.expected.trailing(at: self.stream.position) }
        }
        try self.stream.finish()
    }
}
