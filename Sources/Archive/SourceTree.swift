import Failures
import Glibc

/// The folders and regular files below a folder, in an order that does not depend on the file system.
struct SourceTree {
    /// A folder or file that was found.
    struct Item {
        /// The path relative to the root; empty for the root itself.
        let path: String
        /// The path to open.
        let source: String
        let isDirectory: Bool
        let mode: UInt32
        /// Modification time, in whole seconds since 1970.
        let modified: Int
    }

    /// The folder to visit.
    let root: String

    /// Visits the root, then everything below it, each folder before its contents.
    ///
    /// The names of one folder are held at a time, and of those that lead to it.
    ///
    /// - Parameters:
    ///   - excluding: Whether to leave out a relative path, with everything below it.
    ///   - body: Gets each folder and file.
    func visit(excluding: (String) -> Bool, _ body: (Item) throws -> Void) throws {
        let root = try Self.item("", at: self.root)
        guard root.isDirectory else { throw Failure.file("list", self.root, errno: ENOTDIR) }
        try self.visit(root, excluding, body)
    }

    private func visit(_ item: Item, _ excluding: (String) -> Bool, _ body: (Item) throws -> Void) throws {
        try body(item)
        guard item.isDirectory else { return }
        for name in try Self.names(in: item.source) {
            let below = item.path.isEmpty ? name : item.path + "/" + name
            if excluding(below) { continue }
            try self.visit(Self.item(below, at: item.source + "/" + name), excluding, body)
        }
    }

    private static func item(_ path: String, at source: String) throws -> Item {
        var status = stat()
        guard lstat(source, &status) == 0 else { throw Failure.file("look at", source, errno: errno) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFDIR || kind == S_IFREG else { throw RegularFile.refusal(source, kind: kind) }
        return Item(
            path: path,
            source: source,
            isDirectory: kind == S_IFDIR,
            mode: status.st_mode & 0o777,
            modified: status.st_mtim.tv_sec
        )
    }

    /// The names in a folder, by their bytes.
    private static func names(in folder: String) throws -> [String] {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file("open folder", folder, errno: errno) }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw Failure.file("list", folder, errno: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // Only errno tells the end from an error.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = try Self.name(of: entry, in: folder)
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw Failure.file("list", folder, errno: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>, in folder: String) throws -> String {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
        guard let name = String(validatingCString: start) else {
            throw Failure(
                .storage,
                "Cannot package \(folder)/\(String(cString: start)): the name is not UTF-8",
                hint: "Rename it."
            )
        }
        return name
    }
}
