import Failures
import Glibc

/// A regular file opened for one sequential reading; its owner closes the descriptor.
struct RegularFile {
    let descriptor: Int32
    let size: Int64
    let mode: UInt32
    /// Modification time, in whole seconds since 1970.
    let modified: Int

    /// Opens a path without following a symbolic link at its end and without waiting for a pipe's writer.
    static func open(_ path: String) throws -> RegularFile {
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.refusal(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure.file("look at", path, errno: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.refusal(path, kind: status.st_mode)
        }
        // Only advice: what it returns does not matter.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        return RegularFile(
            descriptor: descriptor,
            size: Int64(status.st_size),
            mode: status.st_mode & 0o777,
            modified: status.st_mtim.tv_sec
        )
    }

    /// The failure for an object that is neither packaged nor read as a package.
    static func refusal(_ path: String, kind: UInt32) -> Failure {
        let name =
            switch kind & S_IFMT {
            case S_IFLNK: "a symbolic link"
            case S_IFSOCK: "a socket"
            case S_IFIFO: "a pipe"
            case S_IFCHR, S_IFBLK: "a device"
            case S_IFDIR: "a folder"
            default: "of an unknown kind"
            }
        return Failure(
            .storage,
            "Cannot read \(path): it is \(name), not a regular file",
            hint: "Move it away, or leave it out."
        )
    }

    /// Says what the object is where the system's answer to `open` does not: links and sockets are refused there.
    private static func refusal(_ path: String, _ code: Int32) -> Failure {
        var status = stat()
        if code == ELOOP || code == ENXIO, lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            return self.refusal(path, kind: status.st_mode)
        }
        return Failure.file("open", path, errno: code)
    }
}
