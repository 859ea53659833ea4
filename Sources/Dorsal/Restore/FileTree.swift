import Blocking
import Database
import Failures
import Foundation
import Glibc

/// Files given to the server's user, with the modes that servers give their own.
struct FileTree: Sendable {
    private static let folderMode: mode_t = 0o750
    private static let fileMode: mode_t = 0o640

    let owner: Ownership?

    /// Gives a folder and everything below it to the owner.
    func take(_ root: String, _ flag: CancellationFlag) throws {
        try self.take(root, isFolder: true)
        guard let walk = FileManager.default.enumerator(atPath: root) else { return }
        while let name = walk.nextObject() as? String {
            try flag.check()
            try self.take(
                "\(root)/\(name)",
                isFolder: walk.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
            )
        }
    }

    /// Moves a file, over to another file system too, and gives it to the owner.
    func move(_ source: String, to target: String) throws {
        if rename(source, target) != 0 {
            guard errno == EXDEV else { throw Failure.file("rename \(source) to", target, errno: errno) }
            do {
                try FileManager.default.copyItem(atPath: source, toPath: target)
                try FileManager.default.removeItem(atPath: source)
            } catch {
                throw Failure(.unusable, "\(source) cannot be moved to \(target)", cause: error.localizedDescription)
            }
        }
        try self.take(target, isFolder: false)
    }

    private func take(_ path: String, isFolder: Bool) throws {
        guard chmod(path, isFolder ? Self.folderMode : Self.fileMode) == 0 else {
            throw Failure.file("change the mode of", path, errno: errno)
        }
        try self.owner?.give(path)
    }
}
