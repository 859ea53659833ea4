import Failures
import Glibc

/// A folder that takes the contents of a package, and nothing outside of it.
///
/// Every component of a path is opened by itself and without following a symbolic link, so that not even a link that
/// another process puts there leads out of the folder.
final class ExtractionFolder {
    private let path: String
    private let root: Int32
    /// The folder that was used last; entries of one folder come one after the other.
    private var current: (components: ArraySlice<String>, descriptor: Int32)?

    /// Opens the folder, which is created with mode 0700 if it does not exist.
    init(at path: String) throws {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw Failure.file("create folder", path, errno: errno) }
        self.path = path
        self.root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard self.root >= 0 else { throw Failure.file("open folder", path, errno: errno) }
    }

    deinit {
        if let current { close(current.descriptor) }
        close(self.root)
    }

    /// Makes a folder with the mode, but at least rwx for its owner.
    func makeDirectory(_ path: String, mode: UInt32) throws {
        let components = path.split(separator: "/").map(String.init)
        let descriptor = try self.open(components[...])
        guard fchmod(descriptor, mode & 0o777 | 0o700) == 0 else {
            throw Failure.file("set the mode of", self.full(path), errno: errno)
        }
    }

    /// Creates a file, which must not exist, with mode 0600; the caller closes it.
    func createFile(_ path: String) throws -> Int32 {
        let components = path.split(separator: "/").map(String.init)
        guard let name = components.last else { throw Failure.file("create", self.full(path), errno: EINVAL) }
        let folder = try self.open(components.dropLast())
        let descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file("create", self.full(path), errno: errno) }
        return descriptor
    }

    /// The whole path of an entry, for messages.
    func full(_ path: String) -> String { self.path + "/" + path }

    /// Opens a folder below the root, and makes those on the way that do not exist.
    private func open(_ components: ArraySlice<String>) throws -> Int32 {
        guard !components.isEmpty else { return self.root }
        if let current, current.components == components { return current.descriptor }
        var descriptor = self.root
        for index in components.indices {
            let next = Self.step(into: components[index], of: descriptor)
            let code = errno
            if descriptor != self.root { close(descriptor) }
            guard next >= 0 else {
                let path = self.full(components[...index].joined(separator: "/"))
                throw Failure.file("open folder", path, errno: code)
            }
            descriptor = next
        }
        if let current { close(current.descriptor) }
        self.current = (components, descriptor)
        return descriptor
    }

    /// Opens a folder in a folder, and makes it if it does not exist; a negative result leaves the reason in `errno`.
    private static func step(into name: String, of folder: Int32) -> Int32 {
        if mkdirat(folder, name, 0o700) != 0, errno != EEXIST { return -1 }
        return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
}
