import Crypto
import Failures
import Glibc

/// Writes a package in one pass: tar, compression, digests, and one or more sinks.
///
/// The result is a file that any `tar xzf` or `tar --zstd -xf` reads. Reading and hashing the files, compressing, and
/// writing to the sinks run side by side. Memory use does not depend on the size of the data; only the list of names
/// grows, with their number. After any error the writer is of no further use: the package cannot be finished, and the
/// sinks should be let go of.
package final class PackageWriter {
    private enum State { case open, failed, finished }

    /// Small enough to be still in the processor's cache when it was hashed and is handed on.
    private static let chunk = 256 << 10

    private let output: CompressedOutput
    private let tar: TarWriter
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PackageWriter.chunk, alignment: 64)
    private let progress: (Int64) -> Void
    private let checkCancellation: () throws -> Void
    private var limit: RateLimit?
    private var state = State.open
    private var bytesOfInput: Int64 = 0
    private var contents = PackageContents()

    /// Starts a package.
    ///
    /// - Parameters:
    ///   - sinks: Where the compressed bytes go; each gets all of them, from another thread than the caller's.
    ///   - compression: How the tar is compressed.
    ///   - threads: How many threads compress, 1 to 16.
    ///   - maxRate: How many bytes of files are read in a second, at most; nil for no limit.
    ///   - progress: Called with the number of uncompressed file bytes taken so far, at least once a MiB.
    ///   - checkCancellation: Called at least once a MiB, and ten times a second while a sink is waited for; what it
    ///     throws ends the call that is running.
    package init(
        sinks: [any ByteSink],
        compression: PackageCompression = .gzip,
        threads: Int = ProcessorCount.current,
        maxRate: Int64? = nil,
        progress: @escaping (Int64) -> Void = { _ in },
        checkCancellation: @escaping () throws -> Void
    ) throws {
        self.output = try CompressedOutput(
            sinks: sinks,
            compression: compression,
            threads: threads,
            checkCancellation: checkCancellation
        )
        self.tar = try TarWriter(output: PackageOutput(self.output))
        self.limit = maxRate.map { RateLimit(bytesPerSecond: $0) }
        self.progress = progress
        self.checkCancellation = checkCancellation
    }

    deinit { self.buffer.deallocate() }

    /// Adds a folder.
    ///
    /// - Throws: ``Failure`` of class internal for a name that is not allowed or was used before.
    package func addDirectory(as path: String, mode: UInt32 = 0o700) throws {
        try self.addDirectory(PackageDirectory(path: path, mode: mode & 0o777), modified: time(nil))
    }

    /// Adds a regular file, with its permission bits.
    ///
    /// A file that grows meanwhile is taken with the size it had when it was opened.
    ///
    /// - Throws: ``Failure`` of class integrity when the file shrinks meanwhile, and of class storage when it cannot be
    ///   read or is not a regular file.
    package func addFile(at sourcePath: String, as path: String) throws {
        try self.step {
            let source = try RegularFile.open(sourcePath)
            defer { close(source.descriptor) }
            try self.addEntry(path, size: source.size, mode: source.mode, modified: source.modified) {
                try self.copy(source, at: sourcePath, as: path)
            }
        }
    }

    /// Adds a folder with everything below it, each level in byte order of its names.
    ///
    /// - Parameters:
    ///   - directory: The folder to read.
    ///   - path: The folder's name in the package; empty puts its contents at the top.
    ///   - excluding: Gets each path, relative to the folder; true leaves it out, with everything below it.
    /// - Throws: ``Failure`` of class storage for anything but regular files and folders that is not excluded.
    package func addTree(at directory: String, under path: String, excluding: (String) -> Bool = { _ in false }) throws
    {
        try self.step {
            try SourceTree(root: directory).visit(excluding: excluding) { item in
                try self.checkCancellation()
                let name = [path, item.path].filter { !$0.isEmpty }.joined(separator: "/")
                guard !name.isEmpty else { return }
                if item.isDirectory {
                    let entry = PackageDirectory(path: name, mode: item.mode)
                    try self.addDirectory(entry, modified: item.modified)
                } else {
                    try self.addFile(at: item.source, as: name)
                }
            }
        }
    }

    /// Adds a file from memory.
    package func add(bytes: [UInt8], as path: String, mode: UInt32 = 0o600) throws {
        try self.step {
            try self.addEntry(path, size: Int64(bytes.count), mode: mode & 0o777, modified: time(nil)) {
                var hash = SHA256()
                try bytes.withUnsafeBytes { contents in
                    for start in stride(from: 0, to: contents.count, by: Self.chunk) {
                        let end = min(start + Self.chunk, contents.count)
                        try self.pass(UnsafeRawBufferPointer(rebasing: contents[start..<end]), path, &hash)
                    }
                }
                return hash
            }
        }
    }

    /// Ends the package and every sink.
    ///
    /// - Returns: The digests of the package and of everything in it.
    package func finish() throws -> PackageDigest {
        try self.step {
            try self.checkCancellation()
            try self.tar.close()
            let total = try self.output.finish()
            self.state = .finished
            return PackageDigest(
                bytes: total.bytes,
                sha256: total.sha256,
                sha1: total.sha1,
                files: self.contents.files,
                directories: self.contents.directories
            )
        }
    }

    /// Runs a step of an unbroken package; an error breaks it for good, as part of an entry may be out already.
    private func step<Result>(_ body: () throws -> Result) throws -> Result {
        guard self.state == .open else {
            let reason = self.state == .failed ? "an earlier step failed" : "it is finished already"
            throw Failure(.internal, "Cannot go on with the package: \(reason)")
        }
        do {
            return try body()
        } catch {
            self.state = .failed
            self.output.stop()
            throw error
        }
    }

    private func addDirectory(_ directory: PackageDirectory, modified: Int) throws {
        try self.step {
            try self.contents.claim(directory.path)
            try self.tar.begin(
                .init(path: directory.path, isDirectory: true, size: 0, mode: directory.mode, modified: modified)
            )
            try self.tar.end(path: directory.path)
            self.contents.directories.append(directory)
        }
    }

    private func addEntry(
        _ path: String,
        size: Int64,
        mode: UInt32,
        modified: Int,
        contents: () throws -> SHA256
    ) throws {
        try self.checkCancellation()
        try self.contents.claim(path)
        try self.tar.begin(.init(path: path, isDirectory: false, size: size, mode: mode, modified: modified))
        let hash = try contents()
        try self.tar.end(path: path)
        let sha256 = Hex.string(hash.finalize())
        self.contents.files.append(PackageFile(path: path, size: size, sha256: sha256, mode: mode))
    }

    private func copy(_ source: RegularFile, at sourcePath: String, as path: String) throws -> SHA256 {
        var hash = SHA256()
        var rest = source.size
        while rest > 0 {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: self.buffer.prefix(Int(min(rest, Int64(Self.chunk)))))
            let count = try Descriptor.read(into: wanted, from: source.descriptor, path: sourcePath)
            guard count > 0 else {
                throw Failure(
                    .integrity,
                    "\(sourcePath) shrank while it was packaged: \(source.size - rest) of \(source.size) bytes were left",
                    hint: "Make sure that nothing else writes to the folder, and start again."
                )
            }
            try self.pass(UnsafeRawBufferPointer(rebasing: wanted.prefix(count)), path, &hash)
            rest -= Int64(count)
        }
        return hash
    }

    /// Sends on at most a chunk of contents.
    private func pass(_ bytes: UnsafeRawBufferPointer, _ path: String, _ hash: inout SHA256) throws {
        try self.checkCancellation()
        try self.limit?.pass(bytes.count, checkCancellation: self.checkCancellation)
        hash.update(bufferPointer: bytes)
        try self.tar.write(bytes, path: path)
        self.bytesOfInput += Int64(bytes.count)
        self.progress(self.bytesOfInput)
    }
}
