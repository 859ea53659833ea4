import Failures
import Foundation
import Glibc

/// A small text file, with the mode that it has while it is read.
struct FileContents {
    let text: String
    /// The permission bits.
    let mode: UInt32

    /// More than any such file has, so that a wrong name does not fill the memory.
    private static let limit = 4 << 20

    /// Whether only the owner can do anything with the file.
    var isPrivate: Bool { self.mode & 0o077 == 0 }
    /// The mode as `chmod` takes it.
    var modeText: String { "0" + String(self.mode, radix: 8) }

    /// Reads a file; `purpose` says in messages what it is.
    init(path: String, purpose: String) throws {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            var status = stat()
            // Of the open file, so that it cannot be exchanged between the check and the reading.
            guard fstat(handle.fileDescriptor, &status) == 0 else { throw POSIXError(.EIO) }
            self.mode = status.st_mode & 0o7777
            guard status.st_mode & S_IFMT != S_IFDIR else { throw POSIXError(.EISDIR) }
            let data = try handle.read(upToCount: FileContents.limit + 1) ?? Data()
            guard data.count <= FileContents.limit else { throw POSIXError(.EFBIG) }
            guard let text = String(data: data, encoding: .utf8) else {
                throw CocoaError(.fileReadUnknownStringEncoding)
            }
            self.text = text
        } catch {
            let hint = "create the file, make it readable to this user, or correct its name"
            throw Failure(.usage, "cannot read \(purpose) \(path)", cause: error.localizedDescription, hint: hint)
        }
    }
}
