import Failures
import Glibc

/// Keeps deletions from removing a folder that another process has just made and is about to use.
///
/// This is an `flock` on the root folder: shared to create, exclusive to remove. Both are held for moments only. Where
/// the file system cannot lock folders, as some network ones cannot, empty folders are left alone instead.
enum FolderGuard {
    /// Runs the body while no folder is removed.
    static func whileCreating<Result>(in root: String, _ body: () throws -> Result) throws -> Result {
        let descriptor = try self.open(root)
        defer { close(descriptor) }
        // Where this lock fails, the exclusive one fails as well, and nobody removes folders.
        _ = self.lock(descriptor, LOCK_SH)
        return try body()
    }

    /// Runs the body, which learns whether it may remove folders.
    static func whileRemoving(in root: String, _ body: (_ mayRemove: Bool) throws -> Void) throws {
        let descriptor = try self.open(root)
        defer { close(descriptor) }
        try body(self.lock(descriptor, LOCK_EX))
    }

    private static func open(_ root: String) throws -> Int32 {
        let descriptor = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file("open repository", root, errno: errno) }
        return descriptor
    }

    private static func lock(_ descriptor: Int32, _ operation: Int32) -> Bool {
        while flock(descriptor, operation) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
