import Archive
package import Failures
import Foundation
import Glibc
import Synchronization

/// A lock that one process at a time holds, by `flock` on a file that says who holds it.
///
/// The system takes the lock from a process that ends, however it ends. The file stays: to delete it would let two
/// processes lock two files of one name.
package final class FileLock: Sendable {
    /// The lock's file.
    package let path: String
    private let descriptor: Mutex<Int32?>

    /// Takes the lock, or throws at once.
    ///
    /// - Parameters:
    ///   - path: The lock's file, which is created with mode 0600; its folder must exist.
    ///   - command: What this process does, for those who find the lock taken.
    /// - Throws: ``Failure`` of class locked when another holds it, with host, pid and time, and of class storage when
    ///   the file cannot be used.
    package init(at path: String, command: String) throws {
        // Close on exec, or a server started meanwhile would hold the lock longer than this process.
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file("open lock", path, errno: errno) }
        do {
            try Self.lock(descriptor, path)
            try Self.write(.current(command: command), to: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit { self.release() }

    /// Gives the lock back; once more does nothing.
    package func release() {
        self.descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // Who holds the lock no longer should not be named by it.
            ftruncate(open, 0)
            // Closing alone would leave it to a child that was forked just now and has not yet become its program.
            flock(open, LOCK_UN)
            close(open)
            descriptor = nil
        }
    }

    /// Who holds a lock, as the failure that taking it would end with; nil when nobody does.
    ///
    /// The lock is tried only where a file has a holder's name in it, so that nobody who takes a free one is in the way.
    package static func holder(at path: String) throws -> Failure? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure.file("open lock", path, errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return nil
        }
        return errno == EWOULDBLOCK ? self.taken(descriptor, path) : nil
    }

    private static func lock(_ descriptor: Int32, _ path: String) throws {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: throw self.taken(descriptor, path)
            default: throw Failure.file("lock", path, errno: errno)
            }
        }
    }

    private static func write(_ owner: LockOwner, to descriptor: Int32, _ path: String) throws {
        guard ftruncate(descriptor, 0) == 0 else { throw Failure.file("write to", path, errno: errno) }
        try owner.encoded().withUnsafeBytes { try Descriptor.writeAll($0, to: descriptor, path: path) }
    }

    private static func taken(_ descriptor: Int32, _ path: String) -> Failure {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        // The other process may not have written its name yet, or may be another program.
        guard let owner = LockOwner(decoding: Array(bytes.prefix(max(0, count)))) else {
            return Failure(
                .locked,
                "\(path) is locked by another process, which left no name",
                hint: "Wait until it ends; `fuser \(path)` finds it if it runs on this machine."
            )
        }
        return Failure(
            .locked,
            "\(path) is locked by process \(owner.pid) on \(owner.host) since \(owner.startedAt.ISO8601Format())",
            cause: owner.command,
            hint: "Wait until it ends, or stop it; the lock goes away with its process."
        )
    }
}
