import Failures
import Glibc

/// Somewhere the bytes of a package come from, in order.
///
/// All readings come from one thread, which is not the one that the source was made on. A reading that waits must end
/// at some time, with bytes or an error: who reads waits for it even when the rest is not wanted any more.
package protocol ByteSource: AnyObject, Sendable {
    /// The object's path or address, for messages.
    var name: String { get }
    /// The length in bytes, where it is known before reading.
    var size: Int64? { get }
    /// Fills as much of the buffer as is at hand, at least one byte; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A local file as a source of bytes.
package final class FileSource: ByteSource {
    package let name: String
    package let size: Int64?
    private let descriptor: Int32

    /// Opens a regular file for one sequential reading.
    ///
    /// - Throws: ``Failure`` of class storage when it cannot be opened or is not a regular file.
    package init(opening path: String) throws {
        let file = try RegularFile.open(path)
        self.name = path
        self.size = file.size
        self.descriptor = file.descriptor
    }

    deinit { close(self.descriptor) }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try Descriptor.read(into: buffer, from: self.descriptor, path: self.name)
    }
}
