import Archive
import Failures

/// The blocking, writing end of a pipe: a package's bytes on their way into an upload.
package final class PipeSink: ByteSink, Sendable {
    private let pipe: BytePipe
    private let isRequired: Bool

    /// - Parameter isRequired: Whether a pipe that failed ends the writing. If not, the bytes are dropped from then on,
    ///   so that the package's other destinations still get theirs; who reads the pipe knows of the failure.
    package init(_ pipe: BytePipe, isRequired: Bool) {
        self.pipe = pipe
        self.isRequired = isRequired
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try self.pipe.sendBlocking(Array(bytes))
        } catch {
            if self.isRequired || error is CancellationError { throw error }
        }
    }

    /// Says that nothing follows; what is on its way goes on.
    package func finish() throws { self.pipe.end() }
}

/// The blocking, reading end of a pipe: a package's bytes as they come out of a download.
package final class PipeSource: ByteSource, Sendable {
    package let name: String
    package let size: Int64?
    private let pipe: BytePipe

    /// Reads a pipe under the name of the object that is behind it.
    package init(_ pipe: BytePipe, name: String, size: Int64?) {
        self.pipe = pipe
        self.name = name
        self.size = size
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try self.pipe.readBlocking(into: buffer)
    }
}
