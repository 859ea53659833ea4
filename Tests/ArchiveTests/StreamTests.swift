import Failures
import Foundation
import Glibc
import Testing

@testable import Archive

@Suite("Packages as streams")
struct StreamTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("cancelling a writer ends it within a MiB")
    func cancelsWriter() throws {
        var passed: Int64 = 0
        let sink = MemorySink()
        let writer = try PackageWriter(
            sinks: [sink],
            progress: { passed = $0 },
            checkCancellation: { if passed > 2_000_000 { throw CancellationError() } }
        )
        #expect(throws: CancellationError.self) { try writer.add(bytes: noise(20_000_000), as: "a") }
        #expect(passed < 2_000_000 + 2 << 20)
        #expect(throws: Failure.self) { try writer.finish() }
        #expect(!sink.isFinished)
    }

    @Test("cancelling a reader ends it within a MiB, also where little input inflates to much")
    func cancelsReader() throws {
        let made = try package { try $0.add(bytes: [UInt8](repeating: 0, count: 30_000_000), as: "a") }
        var calls = 0
        let reader = PackageReader(
            source: MemorySource(made.bytes),
            expected: made.digest,
            checkCancellation: {
                calls += 1
                if calls > 3 { throw CancellationError() }
            }
        )
        #expect(throws: CancellationError.self) { try reader.verify() }
        #expect(calls == 4)
    }

    @Test("an error of the source is thrown as it is")
    func sourceError() throws {
        final class Broken: ByteSource {
            let name = "broken"
            let size: Int64? = nil
            func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
                throw Failure(.storageTemporary, "the network is away")
            }
        }
        let digest = try package { _ in }.digest
        let reader = PackageReader(source: Broken(), expected: digest, checkCancellation: {})
        expectFailure(.storageTemporary, containing: "the network is away") { try reader.verify() }
    }

    @Test("an unfinished file goes away, a finished one stays and is not overwritten")
    func fileSink() throws {
        let path = self.folder("sink")
        do {
            let sink = try FileSink(creating: path)
            try [1, 2].withUnsafeBytes { try sink.write($0) }
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        do {
            let sink = try FileSink(creating: path)
            try [UInt8](1...3).withUnsafeBytes { try sink.write($0) }
            try sink.finish()
            expectFailure(.internal) { try [UInt8](1...3).withUnsafeBytes { try sink.write($0) } }
        }
        #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3]))
        expectFailure(.storage, containing: "File exists") { _ = try FileSink(creating: path) }
        expectFailure(.storage, containing: "Not a directory") { _ = try FileSink(creating: path + "/below") }
    }

    @Test("a source that is missing or no file is named", arguments: ["/nonexistent/package", "/proc", "/dev/zero"])
    func fileSource(path: String) {
        expectFailure(.storage, containing: path) { _ = try FileSource(opening: path) }
    }

    /// Takes the process's peak, so it is only as exact as the other tests that run meanwhile are small.
    @Test("200 MB pass through writer and reader in little memory")
    func memory() throws {
        let folder = self.folder
        try folder.write([], to: "zeros")
        #expect(truncate(folder("zeros"), 200_000_000) == 0)
        let before = Self.peakMemory
        let writer = try PackageWriter(sinks: [FileSink(creating: folder("package"))], checkCancellation: {})
        try writer.addFile(at: folder("zeros"), as: "zeros")
        let digest = try writer.finish()
        let source = try FileSource(opening: folder("package"))
        try PackageReader(source: source, expected: digest, checkCancellation: {}).verify()
        #expect(digest.files[0].size == 200_000_000)
        #expect(Self.peakMemory - before < 100_000)
    }

    @Test(
        "more than 4 GiB make a valid member",
        .enabled(if: ProcessInfo.processInfo.environment["DORSAL_LARGE_TESTS"] != nil)
    )
    func large() throws {
        let folder = self.folder
        try folder.write([], to: "zeros")
        #expect(truncate(folder("zeros"), (4 << 30) + 12_345) == 0)
        let writer = try PackageWriter(sinks: [FileSink(creating: folder("package.gz"))], checkCancellation: {})
        try writer.addFile(at: folder("zeros"), as: "zeros")
        let digest = try writer.finish()
        #expect(try run("gzip", "-t", "package.gz", in: folder.path) == (0, ""))
        #expect(try run("tar", "dzf", "package.gz", in: folder.path) == (0, ""))
        let source = try FileSource(opening: folder("package.gz"))
        try PackageReader(source: source, expected: digest, checkCancellation: {}).verify()
    }

    /// The most memory this process ever had resident, in KiB.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}
