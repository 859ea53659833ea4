import CArchive
import Failures

/// The entries of a tar, read by libarchive from bytes that are inflated already.
final class TarReader {
    private let archive: OpaquePointer
    private let input: PackageInput

    init(input: PackageInput) throws {
        guard let archive = archive_read_new() else {
            throw Failure(.internal, "Cannot read package \(input.name)", cause: "out of memory")
        }
        self.archive = archive
        self.input = input
        archive_read_support_format_tar(archive)
        // The input outlives the archive: both end with this object, and deinit frees the archive first.
        let context = Unmanaged.passUnretained(input).toOpaque()
        try self.check(
            archive_read_open(
                archive,
                context,
                nil,
                { _, context, bytes in
                    guard let context else { return -1 }
                    let input = Unmanaged<PackageInput>.fromOpaque(context).takeUnretainedValue()
                    guard let next = input.nextOrFailure() else { return -1 }
                    bytes?.pointee = next.baseAddress
                    return next.count
                },
                nil
            ),
            nil
        )
    }

    deinit { archive_read_free(self.archive) }

    /// Reads the header of the next entry, or nil at the end of the tar.
    func next() throws -> TarEntry? {
        try TextLocale.withUTF8 {
            var entry: OpaquePointer?
            let status = archive_read_next_header(self.archive, &entry)
            if status == ARCHIVE_EOF { return nil }
            try self.check(status, nil)
            guard let entry, let path = archive_entry_pathname(entry).flatMap(String.init(validatingCString:)) else {
                throw Failure.damaged(self.input.name, "has an entry without a readable name, \(self.input.position)")
            }
            return TarEntry(
                path: path,
                kind: Self.kind(of: entry),
                size: archive_entry_size(entry),
                mode: archive_entry_perm(entry)
            )
        }
    }

    /// Reads on in the entry `next` gave last.
    ///
    /// - Parameter offset: Where the block must be; a hole is not allowed, as no package has one.
    /// - Returns: Bytes that are valid until the next call, or nil at the end of the entry.
    func nextBlock(at offset: Int64, path: String) throws -> UnsafeRawBufferPointer? {
        var start: UnsafeRawPointer?
        var count = 0
        var actual: Int64 = 0
        let status = archive_read_data_block(self.archive, &start, &count, &actual)
        if status == ARCHIVE_EOF { return nil }
        try self.check(status, path)
        guard actual == offset else {
            throw Failure.damaged(self.input.name, "has a hole in \"\(path)\" at byte \(offset)")
        }
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private static func kind(of entry: OpaquePointer) -> TarEntry.Kind {
        if archive_entry_hardlink(entry) != nil { return .other("a hard link") }
        if archive_entry_sparse_count(entry) > 0 { return .other("a sparse file") }
        // The values of AE_IF…, which are those of POSIX.
        switch archive_entry_filetype(entry) {
        case 0o100000: return .file
        case 0o040000: return .directory
        case 0o120000: return .other("a symbolic link")
        case 0o020000, 0o060000: return .other("a device")
        case 0o010000: return .other("a pipe")
        default: return .other("of an unknown kind")
        }
    }

    /// Takes a warning for an error as well: what is read then is not all that was written.
    private func check(_ status: Int32, _ path: String?) throws {
        guard status != ARCHIVE_OK else { return }
        if let failure = self.input.failure { throw failure }
        let place = path.map { "in \"\($0)\", \(self.input.position)" } ?? self.input.position
        let cause = archive_error_string(self.archive).map { String(cString: $0) }
        throw Failure.damaged(self.input.name, "is corrupt \(place)", cause: cause)
    }
}
