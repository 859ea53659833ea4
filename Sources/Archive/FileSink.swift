import Failures
import Glibc
import Synchronization

/// A new local file that takes bytes and is durable once finished.
///
/// The file is created with mode 0600 and must not exist yet. If the sink goes away unfinished, so does the file.
package final class FileSink: ByteSink {
    /// After so many bytes the system is asked to begin to write them to the disk.
    private static let step = 8 << 20

    /// The file's path.
    package let path: String
    private let descriptor: Mutex<Int32?>
    private let written = Mutex(0)

    /// Creates the file.
    ///
    /// - Throws: ``Failure`` of class storage, also when the file exists already.
    package convenience init(creating path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file("create", path, errno: errno) }
        self.init(adopting: descriptor, path: path)
    }

    /// Takes over an open descriptor.
    init(adopting descriptor: Int32, path: String) {
        self.descriptor = Mutex(descriptor)
        self.path = path
    }

    deinit {
        if let descriptor = self.descriptor.withLock({ $0 }) {
            close(descriptor)
            // Only a file of this sink's own making is left over; a device such as /dev/full is not.
            var status = stat()
            if lstat(self.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unlink(self.path) }
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let descriptor = self.descriptor.withLock({ $0 }) else {
            throw Failure(.internal, "Cannot write to \(self.path): the file is finished already")
        }
        try Descriptor.writeAll(bytes, to: descriptor, path: self.path)
        self.beginWriteback(descriptor, bytes.count)
    }

    /// Else all of it would wait in memory for the flush at the end, while nothing else is left to be done.
    ///
    /// What goes wrong with it, the flush tells. (Linux source, mm/fadvise.c: of pages that are not written yet, it begins
    /// to write them; those that are written, it may drop, and nobody reads them soon.)
    private func beginWriteback(_ descriptor: Int32, _ count: Int) {
        let (before, after) = self.written.withLock { written in
            defer { written += count }
            return (written, written + count)
        }
        let (first, end) = (before / Self.step * Self.step, after / Self.step * Self.step)
        if end > first { posix_fadvise(descriptor, off_t(first), off_t(end - first), POSIX_FADV_DONTNEED) }
    }

    /// Flushes the file and its folder to the disk, and closes the file.
    package func finish() throws {
        guard let descriptor = self.descriptor.withLock({ $0 }) else { return }
        guard fsync(descriptor) == 0 else { throw Failure.file("flush", self.path, errno: errno) }
        self.descriptor.withLock { $0 = nil }
        // Some network file systems report a full disk or a quota only here.
        guard close(descriptor) == 0 else {
            let code = errno
            unlink(self.path)
            throw Failure.file("close", self.path, errno: code)
        }
        try Descriptor.syncFolder(of: self.path)
    }
}
