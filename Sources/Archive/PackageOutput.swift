/// The way of a package's bytes out of libarchive.
///
/// An error is kept, because libarchive, which sits in between, can pass on only that something failed.
final class PackageOutput {
    private let stream: CompressedOutput
    /// The first error of any stage.
    private(set) var failure: (any Error)?

    init(_ stream: CompressedOutput) { self.stream = stream }

    /// Takes bytes of the tar; false when they could not be written, and ``failure`` says why.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // After a failure nothing more may reach the sinks: there would be a gap.
        guard self.failure == nil else { return false }
        do {
            try self.stream.write(bytes)
            return true
        } catch {
            self.failure = error
            return false
        }
    }
}
