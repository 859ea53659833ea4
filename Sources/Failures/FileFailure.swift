import Glibc

extension Failure {
    /// A system call on a file that failed, with the remedy where one is known.
    ///
    /// The class is always ``Class/storage``. The cause is `strerror`'s text. A full disk, a quota and a missing
    /// permission each get a hint; the hint for a permission names the path's owner and this process's uid.
    ///
    /// - Parameters:
    ///   - verb: What was being done, to follow "Cannot": `create`, `write to`, `rename`.
    ///   - path: The object it was done to.
    ///   - code: `errno` as it was right after the call.
    package static func file(_ verb: String, _ path: String, errno code: Int32) -> Failure {
        Failure(
            .storage,
            "Cannot \(verb) \(path)",
            cause: String(cString: strerror(code)),
            hint: self.hint(path, code)
        )
    }

    private static func hint(_ path: String, _ code: Int32) -> String? {
        switch code {
        case ENOSPC: "Free some space on the file system that holds \(path), or use a larger one."
        case EDQUOT: "Raise the disk quota of uid \(geteuid()) on the file system that holds \(path)."
        case EACCES, EPERM: self.permissionHint(path)
        case EROFS:
            "Mount the file system that holds \(path) read-write; in a systemd service the folder must exist and stand "
                + "under ReadWritePaths."
        case ENOTDIR: "A part of \(path) is a file; use a path that leads through folders only."
        case ELOOP: "\(path) is, or leads through, a symbolic link; use the real path."
        case EMFILE, ENFILE: "Raise the limit on open files (ulimit -n)."
        default: nil
        }
    }

    /// Names the owner of the path itself, or of the nearest folder above it that can be looked at.
    private static func permissionHint(_ path: String) -> String {
        let uid = geteuid()
        var candidate = path
        while true {
            var status = stat()
            if lstat(candidate, &status) == 0 {
                let mode = String(status.st_mode & 0o7777, radix: 8)
                return "This process runs as uid \(uid), but \(candidate) belongs to uid \(status.st_uid) with mode "
                    + "\(mode); change its owner or mode, or run as another user."
            }
            guard let slash = candidate.lastIndex(of: "/"), slash != candidate.startIndex else {
                return "This process runs as uid \(uid); let it use \(path)."
            }
            candidate = String(candidate[..<slash])
        }
    }
}
