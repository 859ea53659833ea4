import Failures
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Archive

/// A folder that goes away with its last reference.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "dorsal-archive-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// A path in the folder.
    func callAsFunction(_ name: String) -> String { self.path + "/" + name }

    /// Writes a file, and the folders that lead to it.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o640) throws -> String {
        let path = self(name)
        let folder = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        chmod(path, mode)
        return path
    }

    func folder(_ name: String, mode: mode_t = 0o750) throws {
        try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
        chmod(self(name), mode)
    }
}

/// A sink that keeps what it gets.
final class MemorySink: ByteSink {
    private let state = Mutex<(bytes: [UInt8], isFinished: Bool)>(([], false))

    var bytes: [UInt8] { self.state.withLock { $0.bytes } }
    var isFinished: Bool { self.state.withLock { $0.isFinished } }

    func write(_ bytes: UnsafeRawBufferPointer) {
        let bytes = Array(bytes)
        self.state.withLock { $0.bytes += bytes }
    }

    func finish() { self.state.withLock { $0.isFinished = true } }
}

/// A source that gives bytes from memory, at most so many at a time.
final class MemorySource: ByteSource {
    let name = "memory/package.tar.gz"
    let size: Int64?
    private let rest: Mutex<ArraySlice<UInt8>>
    private let step: Int

    init(_ bytes: [UInt8], knowsSize: Bool = false, step: Int = .max) {
        self.rest = Mutex(bytes[...])
        self.size = knowsSize ? Int64(bytes.count) : nil
        self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let most = min(buffer.count, self.step)
        let next = self.rest.withLock { rest in
            defer { rest = rest.dropFirst(most) }
            return rest.prefix(most)
        }
        buffer.copyBytes(from: next)
        return next.count
    }
}

/// Bytes that do not compress, the same at each run.
func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: state >> shift)) }
    }
    return Array(bytes.prefix(count))
}

/// Runs a program from PATH.
func run(_ arguments: String..., in folder: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// Makes a package in memory.
func package(
    _ compression: PackageCompression = .gzip,
    threads: Int = 2,
    _ fill: (PackageWriter) throws -> Void
) throws -> (bytes: [UInt8], digest: PackageDigest) {
    let sink = MemorySink()
    let writer = try PackageWriter(sinks: [sink], compression: compression, threads: threads, checkCancellation: {})
    try fill(writer)
    let digest = try writer.finish()
    return (sink.bytes, digest)
}

func reader(_ bytes: [UInt8], _ digest: PackageDigest, knowsSize: Bool = false, step: Int = .max) -> PackageReader {
    let source = MemorySource(bytes, knowsSize: knowsSize, step: step)
    return PackageReader(source: source, expected: digest, checkCancellation: {})
}

/// Expects a failure of a class, and gives it for a closer look.
@discardableResult
func expectFailure(
    _ class: Failure.Class,
    containing text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> Failure? {
    do {
        try body()
        Issue.record("no error was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.class == `class`, "\(failure)", sourceLocation: sourceLocation)
        #expect(text.isEmpty || failure.description.contains(text), "\(failure)", sourceLocation: sourceLocation)
        return failure
    } catch {
        Issue.record("another error was thrown: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
