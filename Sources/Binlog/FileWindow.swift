import Failures
import SystemPackage

/// An open file and a buffer that moves along it.
///
/// Only the bytes that the file has when it is opened are read. The buffer grows to the most that is asked for at once.
struct FileWindow: ~Copyable {
    /// The file's path.
    let path: String
    /// The file's size in bytes when it was opened.
    let size: UInt64
    private let descriptor: FileDescriptor
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    /// The part of the buffer that is read from the file and not yet skipped.
    private var filled = 0..<0
    /// How many bytes of the file are not in the buffer yet.
    private var unread: UInt64

    /// Opens the file for reading.
    ///
    /// - Throws: `Failure` of class `internal` with the system's words.
    init(path: String) throws {
        let descriptor: FileDescriptor
        let size: Int64
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw Failure(.internal, "cannot open the binary log \(path)", cause: "\(error)")
        }
        do {
            size = try descriptor.seek(offset: 0, from: .end)
            try descriptor.seek(offset: 0, from: .start)
        } catch {
            try? descriptor.close()
            throw Failure(.internal, "cannot read the binary log \(path)", cause: "\(error)")
        }
        self.path = path
        self.descriptor = descriptor
        self.size = UInt64(size)
        self.unread = UInt64(size)
    }

    deinit {
        // Nothing was written, so a failure to close loses nothing.
        try? self.descriptor.close()
        self.buffer.deallocate()
    }

    /// The next bytes of the file, which must have that many left; valid until the next call.
    ///
    /// - Throws: `Failure` of class `internal` when reading fails, `integrity` when the file became shorter.
    mutating func peek(_ count: Int) throws -> UnsafeRawBufferPointer {
        if count > self.filled.count {
            self.makeRoom(for: count)
            while self.filled.count < count { try self.fill() }
        }
        let range = self.filled.lowerBound..<(self.filled.lowerBound + count)
        return UnsafeRawBufferPointer(rebasing: self.buffer[range])
    }

    /// Moves on by bytes that were peeked at.
    mutating func skip(_ count: Int) { self.filled = (self.filled.lowerBound + count)..<self.filled.upperBound }

    /// Moves what is filled to the buffer's start, or to a larger buffer.
    private mutating func makeRoom(for count: Int) {
        let kept = UnsafeRawBufferPointer(rebasing: self.buffer[self.filled])
        if count <= self.buffer.count {
            self.buffer.copyMemory(from: kept)
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count + (1 << 18), alignment: 16)
            larger.copyMemory(from: kept)
            self.buffer.deallocate()
            self.buffer = larger
        }
        self.filled = 0..<kept.count
    }

    private mutating func fill() throws {
        let end = self.filled.upperBound
        let limit = end + Int(min(UInt64(self.buffer.count - end), self.unread))
        let free = UnsafeMutableRawBufferPointer(rebasing: self.buffer[end..<limit])
        let count: Int
        do {
            count = try self.descriptor.read(into: free)
        } catch {
            throw Failure(.internal, "cannot read the binary log \(self.path)", cause: "\(error)")
        }
        guard count > 0 else { throw Failure(.integrity, "\(self.path): the file became shorter while it was read") }
        self.filled = self.filled.lowerBound..<(end + count)
        self.unread -= UInt64(count)
    }
}
