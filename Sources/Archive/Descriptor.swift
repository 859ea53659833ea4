import Failures
import Glibc

/// System calls on file descriptors that go on where a single call may stop short.
package enum Descriptor {
    /// Writes all the bytes, whatever number of calls that takes.
    package static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.file("write to", path, errno: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Reads up to the buffer's size; 0 is the end of the file.
    package static func read(
        into buffer: UnsafeMutableRawBufferPointer,
        from descriptor: Int32,
        path: String
    ) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw Failure.file("read", path, errno: errno) }
        }
    }

    /// Makes the entries of a path's folder durable, so that a new file is still there after a power cut.
    package static func syncFolder(of path: String) throws {
        let folder: String
        switch path.lastIndex(of: "/") {
        case nil: folder = "."
        case .some(path.startIndex): folder = "/"
        case .some(let slash): folder = String(path[..<slash])
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file("open folder", folder, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure.file("flush folder", folder, errno: errno) }
    }
}
