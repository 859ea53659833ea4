import Failures
import Glibc

/// How much space a file system has left.
package enum DiskSpace {
    /// The bytes this process may still write at a path.
    ///
    /// What only root may use is counted out. A path that does not exist stands for the nearest folder above it.
    ///
    /// - Throws: ``Failure`` of class storage when the file system cannot be asked.
    package static func available(at path: String) throws -> Int64 {
        var candidate = path
        while true {
            var status = statvfs()
            if statvfs(candidate, &status) == 0 {
                let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
                return overflow ? .max : Int64(clamping: bytes)
            }
            guard errno == ENOENT, let parent = self.parent(of: candidate) else {
                throw Failure.file("ask for the free space at", path, errno: errno)
            }
            candidate = parent
        }
    }

    /// The folder above a path, or nil above the last one there is.
    private static func parent(of path: String) -> String? {
        if path == "/" || path == "." || path.isEmpty { return nil }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
