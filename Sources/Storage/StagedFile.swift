import Archive
import Failures
import Foundation
import Glibc

/// An object that is written under a temporary name, and gets its own only once it is complete.
///
/// It leaves nothing behind if it is let go of before it is published.
final class StagedFile {
    private let sink: FileSink
    private let path: String

    init(_ sink: FileSink, for path: String) {
        self.sink = sink
        self.path = path
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try self.sink.write(bytes) }

    /// Makes the object durable and visible, in place of one that was there.
    func publish() throws {
        try self.sink.finish()
        guard rename(self.sink.path, self.path) == 0 else {
            let code = errno
            unlink(self.sink.path)
            throw Failure.file("rename \(self.sink.path) to", self.path, errno: code)
        }
        try Descriptor.syncFolder(of: self.path)
    }
}

extension LocalFolder {
    /// Begins an object that becomes visible as a whole.
    func stage(_ key: String) throws -> sending StagedFile {
        let path = try self.path(of: key)
        let sink = try self.makeSink(at: self.full(ObjectKey.temporarySibling(of: key)), for: key)
        return StagedFile(sink, for: path)
    }

    /// Looks up an object; nil when there is none.
    func facts(_ key: String) throws -> ObjectFacts? {
        guard let size = try self.head(key) else { return nil }
        var status = stat()
        // One that is gone a moment later has no age.
        guard lstat(try self.path(of: key), &status) == 0 else { return ObjectFacts(size: size) }
        let written = Duration.seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
        return ObjectFacts(size: size, age: max(.zero, .seconds(Date().timeIntervalSince1970) - written))
    }

    /// Reads a part of an object, as much of it as there is.
    func read(_ key: String, _ range: Range<Int64>) throws -> [UInt8] {
        let path = try self.path(of: key)
        let file = try FileHandle.reading(path)
        defer { try? file.close() }
        do {
            try file.seek(toOffset: UInt64(max(0, range.lowerBound)))
            return Array(try file.read(upToCount: range.count) ?? Data())
        } catch {
            throw Failure(.storage, "Cannot read \(path)", cause: "\(error)")
        }
    }

    /// Removes temporary files of a certain age, and says in which folders below the prefix they were.
    func removeStaged(_ prefix: String, olderThan age: Duration) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: self.root) else { return [] }
        let limit = Date(timeIntervalSinceNow: -Double(age.components.seconds))
        var removed: [String] = []
        for case let key as String in walk {
            let name = key.split(separator: "/").last ?? ""
            guard key.hasPrefix(prefix), ObjectKey.isTemporary(name) else { continue }
            var status = stat()
            let path = self.full(key)
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            guard Double(status.st_mtim.tv_sec) <= limit.timeIntervalSince1970 else { continue }
            if unlink(path) == 0 { removed.append(key) }
        }
        return removed.sorted()
    }
}

extension FileHandle {
    fileprivate static func reading(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Failure.file("open", path, errno: errno) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    }
}
