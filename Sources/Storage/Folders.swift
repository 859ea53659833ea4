import Archive
import Failures
import Glibc

/// Making and reading folders.
package enum Folders {
    /// A file or folder in a folder.
    struct Entry {
        let name: String
        let isFolder: Bool
        /// A file's length, in bytes.
        let size: Int64
    }

    /// Makes a folder and those that lead to it, each with mode 0711 and durable; those that exist stay as they are.
    package static func make(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        let start = path.hasPrefix("/") ? "/" : "."
        try self.make(path, below: start)
    }

    /// Makes the folders of a relative path, below a folder that must exist.
    package static func make(_ path: String, below root: String) throws {
        var current = root == "/" ? "" : root
        for component in path.split(separator: "/") {
            current += "/" + component
            try self.makeOne(current)
        }
    }

    private static func makeOne(_ path: String) throws {
        // Looked at first: mkdir of a folder on a read-only volume may fail in other ways than "exists".
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        if mkdir(path, 0o711) != 0 {
            // Another process may have made it meanwhile; a file is in the way for good.
            if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
            throw Failure.file("create folder", path, errno: errno)
        }
        // The umask may have taken the x bits, without which another user cannot pass through.
        guard chmod(path, 0o711) == 0 else { throw Failure.file("set the mode of", path, errno: errno) }
        try Descriptor.syncFolder(of: path)
    }

    /// The regular files and folders in a folder, in byte order of their names, without temporary files.
    ///
    /// A folder that does not exist is empty, and a file that goes away meanwhile is not there: other processes prune.
    static func entries(of folder: String) throws -> [Entry] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw Failure.file("list", folder, errno: errno)
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            // Only errno tells the end from an error.
            errno = 0
            guard let found = readdir(stream) else { break }
            if let entry = try self.entry(self.name(of: found), in: folder) { entries.append(entry) }
        }
        guard errno == 0 else { throw Failure.file("list", folder, errno: errno) }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func entry(_ name: String, in folder: String) throws -> Entry? {
        if name == "." || name == ".." || ObjectKey.isTemporary(name) { return nil }
        var status = stat()
        guard lstat(folder + "/" + name, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw Failure.file("look at", folder + "/" + name, errno: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return Entry(name: name, isFolder: true, size: 0)
        case S_IFREG: return Entry(name: name, isFolder: false, size: Int64(status.st_size))
        default: return nil
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        return String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
    }
}
