package import Archive
import Failures
import Glibc

/// A repository in a folder of this machine: objects by key, as an object store has them.
///
/// A key is a relative path, with "/" between its components. Folders are made as they are needed, with mode 0711, so
/// that a database server of another user can pass through to a folder of its own; files are made with mode 0600. An
/// object is there as a whole or not at all, also after a power cut, and what was put is durable when the call returns.
package struct LocalFolder: Sendable {
    /// An object's key and its length in bytes.
    package struct Object: Sendable, Equatable {
        /// The object's path below the root.
        package let key: String
        /// The object's length, in bytes.
        package let size: Int64

        /// Makes an entry of a listing.
        package init(key: String, size: Int64) {
            self.key = key
            self.size = size
        }
    }

    /// The folder's path.
    package let root: String

    /// Names a folder; nothing is looked at or made yet.
    package init(root: String) { self.root = root }

    /// Makes the root folder, with those above it, if it does not exist.
    ///
    /// Only this makes the root: a put must not fill the disk below a volume that is not mounted.
    package func prepare() throws { try Folders.make(self.root) }

    /// Puts an object; one that exists is replaced.
    ///
    /// - Throws: ``Failure`` of class storage; then an object that existed is still as it was.
    package func put(_ bytes: [UInt8], _ key: String) throws {
        let path = try self.path(of: key)
        let temporary = try self.stage(bytes, for: key)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw Failure.file("rename \(temporary) to", path, errno: code)
        }
        try Descriptor.syncFolder(of: path)
    }

    /// Puts an object unless one exists.
    ///
    /// Of several that try at once, exactly one succeeds.
    ///
    /// - Returns: Whether the object was put.
    package func putIfAbsent(_ bytes: [UInt8], _ key: String) throws -> Bool {
        let path = try self.path(of: key)
        if try self.head(key) != nil { return false }
        let temporary = try self.stage(bytes, for: key)
        defer { unlink(temporary) }
        // Unlike rename, link never replaces what is there.
        if link(temporary, path) != 0 {
            if errno == EEXIST { return false }
            throw Failure.file("create", path, errno: errno)
        }
        try Descriptor.syncFolder(of: path)
        return true
    }

    /// Creates an object that is written piece by piece.
    ///
    /// The object is visible from the start; it goes away again if the sink is let go of before it is finished, but not
    /// if the process is killed. So an object made like this counts only once another one, put later, names it.
    ///
    /// - Throws: ``Failure`` of class storage, also when the object exists.
    package func create(_ key: String) throws -> FileSink {
        let path = try self.path(of: key)
        return try self.makeSink(at: path, for: key)
    }

    /// Opens an object for one sequential reading.
    package func open(_ key: String) throws -> FileSource { try FileSource(opening: self.path(of: key)) }

    /// Looks up an object.
    ///
    /// - Returns: The object's length in bytes, or nil when there is none; a folder is not an object.
    package func head(_ key: String) throws -> Int64? {
        let path = try self.path(of: key)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Failure.file("look at", path, errno: errno)
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    /// Reads a small object as a whole.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - limit: The most bytes it may have.
    /// - Throws: ``Failure`` of class storage when it cannot be read, and of class integrity when it is too long.
    package func read(_ key: String, limit: Int) throws -> [UInt8] {
        let source = try self.open(key)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, 1 << 20) + 1)
        while bytes.count <= limit {
            let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        throw Failure(.integrity, "\(source.name) is longer than the \(limit) bytes it may have")
    }

    /// Lists the objects whose keys start with a prefix, in byte order of the keys.
    ///
    /// - Parameter prefix: The start of the keys, which need not end at a "/"; empty lists everything.
    package func list(_ prefix: String) throws -> [Object] {
        // Only the folder that the prefix surely leads into is read.
        let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        try self.checkFolder(folder)
        var objects: [Object] = []
        try self.collect(folder, prefix, into: &objects)
        return objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Lists the names of the folders directly below one, in byte order; a folder that does not exist has none.
    ///
    /// - Parameter folder: The folder's key; empty stands for the root.
    package func folders(under folder: String) throws -> [String] {
        try self.checkFolder(folder)
        return try Folders.entries(of: self.full(folder)).filter(\.isFolder).map(\.name)
    }

    /// Deletes an object, and the folders that are empty then; one that does not exist is no error.
    package func delete(_ key: String) throws {
        let path = try self.path(of: key)
        if unlink(path) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw Failure.file("delete", path, errno: errno)
        }
        try FolderGuard.whileRemoving(in: self.root) { mayRemove in
            // A neighbour's deletion may have taken the folder already.
            var folder = ObjectKey.folder(of: key)
            guard access(self.full(folder), F_OK) == 0 else { return }
            try Descriptor.syncFolder(of: path)
            // The first folder that is not empty ends this; so does any other reason, as nothing depends on it.
            while mayRemove, !folder.isEmpty, rmdir(self.full(folder)) == 0 {
                try Descriptor.syncFolder(of: self.full(folder))
                folder = ObjectKey.folder(of: folder)
            }
        }
    }

    /// The path of an object or folder, whether it exists or not.
    ///
    /// - Throws: ``Failure`` of class internal for a key that is not allowed.
    package func path(of key: String) throws -> String {
        try ObjectKey.validate(key)
        return self.full(key)
    }

    func full(_ key: String) -> String { key.isEmpty ? self.root : self.root + "/" + key }

    /// Writes a durable file under a temporary name in the key's folder.
    private func stage(_ bytes: [UInt8], for key: String) throws -> String {
        let path = self.full(ObjectKey.temporarySibling(of: key))
        let sink = try self.makeSink(at: path, for: key)
        try bytes.withUnsafeBytes { try sink.write($0) }
        try sink.finish()
        return path
    }

    /// Makes the key's folder and creates a file in it, before a deletion can find the folder empty and remove it.
    func makeSink(at path: String, for key: String) throws -> FileSink {
        try FolderGuard.whileCreating(in: self.root) {
            try Folders.make(ObjectKey.folder(of: key), below: self.root)
            return try FileSink(creating: path)
        }
    }

    /// Checks a folder's key, and that the root is there: a volume that is not mounted must not pass for an empty one.
    private func checkFolder(_ folder: String) throws {
        if !folder.isEmpty { try ObjectKey.validate(folder) }
        guard access(self.root, F_OK) == 0 else { throw Failure.file("open repository", self.root, errno: errno) }
    }

    private func collect(_ folder: String, _ prefix: String, into objects: inout [Object]) throws {
        for entry in try Folders.entries(of: self.full(folder)) {
            let key = folder.isEmpty ? entry.name : folder + "/" + entry.name
            if entry.isFolder {
                let below = key + "/"
                if below.hasPrefix(prefix) || prefix.hasPrefix(below) { try self.collect(key, prefix, into: &objects) }
            } else if key.hasPrefix(prefix) {
                objects.append(Object(key: key, size: entry.size))
            }
        }
    }
}
