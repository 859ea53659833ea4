import Failures
import Glibc
import Synchronization

/// Our end of a pipe to a program that runs; its calls block.
///
/// It is a pair of sockets, so that who does not ignore SIGPIPE is not ended by writing to a program that has gone.
package final class ToolPipe: Sendable {
    /// That the program does not read any more.
    package struct Closed: Error {}

    private let descriptor: Mutex<Int32?>
    private let ended = Atomic(false)

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { self.close() }

    /// Whether the program's output was read to its end.
    package var isAtEnd: Bool { self.ended.load(ordering: .acquiring) }

    /// Reads what the program has written, at least one byte; 0 means the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let descriptor = self.descriptor.withLock({ $0 }) else { throw Closed() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { self.ended.store(true, ordering: .releasing) }
            if count >= 0 { return count }
            if errno != EINTR { throw Failure.file("read from", "the program's output", errno: errno) }
        }
    }

    /// Writes all the bytes for the program to read.
    ///
    /// - Throws: ``Closed`` when it does not read any more.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let descriptor = self.descriptor.withLock({ $0 }) else { throw Closed() }
        var rest = bytes
        while !rest.isEmpty {
            let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE || errno == ECONNRESET { throw Closed() }
                throw Failure.file("write to", "the program's input", errno: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Says that nothing follows, or that nothing more is read.
    package func close() {
        self.descriptor.withLock { descriptor in
            if let open = descriptor { _ = Glibc.close(open) }
            descriptor = nil
        }
    }

    /// Makes a pipe, one way or the other; the second is the program's end.
    static func make() throws -> (ToolPipe, Int32) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Failure.file("make", "a pipe", errno: errno) }
        return (ToolPipe(ends[0]), ends[1])
    }
}
