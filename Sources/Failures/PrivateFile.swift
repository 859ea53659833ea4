import Glibc

/// Small files that are made with their final mode from the first byte on, and never over what is there.
package enum PrivateFile {
    /// Makes a file and writes it whole.
    ///
    /// - Parameter mode: the permission bits; the process's umask is left out of account.
    /// - Throws: ``Failure`` of class `storage`, also when there is something at the path already.
    package static func create(_ bytes: some Sequence<UInt8>, at path: String, mode: UInt32) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(mode & 0o600))
        guard descriptor >= 0 else { throw Failure.file("create", path, errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(bytes)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure.file("write to", path, errno: errno) }
            written += count
        }
        guard fchmod(descriptor, mode_t(mode)) == 0 else {
            throw Failure.file("change the mode of", path, errno: errno)
        }
    }

    /// Makes a file of our own anew: an earlier one at the path is removed first.
    package static func replace(_ bytes: some Sequence<UInt8>, at path: String, mode: UInt32) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw Failure.file("replace", path, errno: errno) }
        try self.create(bytes, at: path, mode: mode)
    }
}
