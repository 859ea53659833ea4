import CArchive
import Failures

/// A tar in the "pax restricted" format of libarchive: ustar, with pax headers only for entries that need them.
///
/// Owners are left out (uid and gid 0, no names): a restore sets them.
final class TarWriter {
    private let archive: OpaquePointer
    private let entry: OpaquePointer
    private let output: PackageOutput

    init(output: PackageOutput) throws {
        guard let archive = archive_write_new(), let entry = archive_entry_new() else {
            throw Failure(.internal, "Cannot start a package", cause: "out of memory")
        }
        self.archive = archive
        self.entry = entry
        self.output = output
        archive_write_set_format_pax_restricted(archive)
        archive_write_add_filter_none(archive)
        // No blocking: file contents go to the compressor as they are, without another copy.
        archive_write_set_bytes_per_block(archive, 0)
        // The output outlives the archive: both end with this object, and deinit frees the archive first.
        let context = Unmanaged.passUnretained(output).toOpaque()
        try self.check(
            archive_write_open(
                archive,
                context,
                nil,
                { _, context, bytes, count in
                    guard let context else { return -1 }
                    let output = Unmanaged<PackageOutput>.fromOpaque(context).takeUnretainedValue()
                    return output.write(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : -1
                },
                nil
            ),
            "the start"
        )
    }

    deinit {
        // Without this, freeing an unfinished archive would still write its end.
        archive_write_fail(self.archive)
        archive_write_free(self.archive)
        archive_entry_free(self.entry)
    }

    /// What the header of an entry says.
    struct Header {
        let path: String
        let isDirectory: Bool
        let size: Int64
        let mode: UInt32
        /// Modification time, in whole seconds since 1970.
        let modified: Int
    }

    /// Starts an entry; a file's contents must follow, exactly as many bytes as the header says.
    func begin(_ header: Header) throws {
        try TextLocale.withUTF8 {
            archive_entry_clear(self.entry)
            archive_entry_set_pathname(self.entry, header.path)
            archive_entry_set_filetype(self.entry, header.isDirectory ? 0o040000 : 0o100000)
            archive_entry_set_perm(self.entry, header.mode)
            archive_entry_set_size(self.entry, header.size)
            archive_entry_set_mtime(self.entry, header.modified, 0)
            try self.check(archive_write_header(self.archive, self.entry), header.path)
        }
    }

    /// Writes contents of the entry that was started last.
    func write(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = archive_write_data(self.archive, rest.baseAddress, rest.count)
            guard count > 0 else { throw self.failure(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Ends the entry that was started last.
    func end(path: String) throws { try self.check(archive_write_finish_entry(self.archive), path) }

    /// Ends the tar.
    func close() throws { try self.check(archive_write_close(self.archive), "the end") }

    /// Takes a warning for an error as well: it means that the tar does not say what it was asked to.
    private func check(_ status: Int32, _ path: String) throws {
        guard status == ARCHIVE_OK else { throw self.failure(path) }
    }

    private func failure(_ path: String) -> any Error {
        if let failure = self.output.failure { return failure }
        let cause = archive_error_string(self.archive).map { String(cString: $0) }
        return Failure(.internal, "Cannot write the package at \(path)", cause: cause)
    }
}
