import Crypto
import Failures
import Glibc

/// Reads a package in one pass, and proves every byte of it against its manifest.
///
/// gzip, of one member or many, and zstd are told apart by their first bytes. Reading, decompressing, and writing the
/// files run side by side; packages of a ``PackageWriter`` in gzip are inflated on several threads. Memory use does not depend on the size of the data. A reader serves one call of ``extract(into:)`` or ``verify()``.
package final class PackageReader {
    private let source: any ByteSource
    private let expected: PackageDigest
    private let input: CompressedInput

    /// Prepares to read a package.
    ///
    /// - Parameters:
    ///   - source: Where the package comes from; it is read on another thread than the caller's.
    ///   - expected: What the package must be; only entries listed there are let through.
    ///   - threads: How many threads decompress, 1 to 16, where the format allows more than one.
    ///   - progress: Called with the number of compressed bytes read so far, at least once a MiB.
    ///   - checkCancellation: Called at least once a MiB, and ten times a second while the source is waited for; what
    ///     it throws ends the call that is running.
    package init(
        source: any ByteSource,
        expected: PackageDigest,
        threads: Int = ProcessorCount.current,
        progress: @escaping (Int64) -> Void = { _ in },
        checkCancellation: @escaping () throws -> Void
    ) {
        self.source = source
        self.expected = expected
        self.input = CompressedInput(
            source: source,
            expected: expected.stream,
            threads: threads,
            progress: progress,
            checkCancellation: checkCancellation
        )
    }

    /// Extracts the package into a folder, while it is verified.
    ///
    /// Only regular files and folders are made, with the permission bits of the package, and at least those the owner
    /// needs. Long runs of zeros become holes. Files are not flushed to the disk. After an error, what was extracted so far stays, and is not to be used.
    ///
    /// - Parameter destination: A folder; it is created with mode 0700 if it does not exist. None of the package's
    ///   files may exist in it.
    /// - Throws: ``Failure`` of class integrity when the package is not what it should be, and of class storage when
    ///   the source cannot be read or the folder cannot be written.
    package func extract(into destination: String) throws {
        let folder = try ExtractionFolder(at: destination)
        try self.read { file, entry, tar in
            try self.readFile(file, mode: entry.mode, from: tar, into: folder)
        } directory: { directory, entry in
            try folder.makeDirectory(directory.path, mode: entry.mode)
        }
    }

    /// Verifies the package without writing anything.
    ///
    /// - Parameter inspect: Called with every file before its contents are read; an inspector that it returns
    ///   gets the contents, in order, and is finished once they are verified. What it throws ends the reading.
    /// - Throws: As ``extract(into:)``.
    package func verify(inspect: (PackageFile) throws -> (any FileInspector)? = { _ in nil }) throws {
        try self.read { file, _, tar in
            let inspector = try inspect(file)
            try self.check(file, from: tar) { try inspector?.take($0) }
            try inspector?.finish()
        } directory: { _, _ in
        }
    }

    private func read(
        file take: (PackageFile, TarEntry, TarReader) throws -> Void,
        directory make: (PackageDirectory, TarEntry) throws -> Void
    ) throws {
        try self.input.checkLength()
        var gate = try EntryGate(self.expected, package: self.source.name)
        let input = PackageInput(self.input)
        let tar = try TarReader(input: input)
        while let entry = try tar.next() {
            switch try gate.admit(entry) {
            case .directory(let directory): try make(directory, entry)
            case .file(let file): try take(file, entry, tar)
            }
        }
        try input.finish()
        try gate.finish()
    }

    private func readFile(_ file: PackageFile, mode: UInt32, from tar: TarReader, into folder: ExtractionFolder) throws
    {
        let path = folder.full(file.path)
        let descriptor = try folder.createFile(file.path)
        do {
            var contents = SparseFile(descriptor, path: path)
            try self.check(file, from: tar) { try contents.write($0) }
            try contents.finish()
            guard fchmod(descriptor, mode & 0o777 | 0o600) == 0 else {
                throw Failure.file("set the mode of", path, errno: errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
        // Some network file systems report a full disk or a quota only here.
        guard close(descriptor) == 0 else { throw Failure.file("close", path, errno: errno) }
    }

    /// Passes on a file's contents and compares their length and SHA-256.
    private func check(_ file: PackageFile, from tar: TarReader, write: (UnsafeRawBufferPointer) throws -> Void) throws
    {
        var hash = SHA256()
        var count: Int64 = 0
        while let block = try tar.nextBlock(at: count, path: file.path) {
            hash.update(bufferPointer: block)
            try write(block)
            count += Int64(block.count)
        }
        guard count == file.size else {
            throw Failure.damaged(self.source.name, "has \(count) of the \(file.size) bytes of \"\(file.path)\"")
        }
        let actual = Hex.string(hash.finalize())
        guard actual == file.sha256 else {
            throw Failure.damaged(
                self.source.name,
                "has another \"\(file.path)\" than it should: its SHA-256 differs",
                cause: "\(actual), not \(file.sha256)"
            )
        }
    }
}
