import Failures
import Foundation
import Glibc
import Testing

@testable import Archive

@Suite("A package that cannot be written")
struct WriterErrorTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("a full disk stops the package, with a remedy, and the package cannot be finished")
    func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        let sink = FileSink(adopting: descriptor, path: "/dev/full")
        let other = MemorySink()
        let writer = try PackageWriter(sinks: [sink, other], checkCancellation: {})
        let failure = expectFailure(.storage, containing: "No space left on device") {
            try writer.add(bytes: noise(40_000_000), as: "a")
        }
        #expect(failure?.hint?.contains("Free some space") == true)
        let before = other.bytes.count
        expectFailure(.internal, containing: "an earlier step failed") { _ = try writer.finish() }
        expectFailure(.internal) { try writer.add(bytes: [], as: "b") }
        #expect(other.bytes.count == before)
        #expect(!other.isFinished)
    }

    @Test("a full disk that shows at the end is reported")
    func fullDiskAtTheEnd() throws {
        let sink = FileSink(adopting: open("/dev/full", O_WRONLY), path: "/dev/full")
        let writer = try PackageWriter(sinks: [sink], checkCancellation: {})
        try writer.add(bytes: [1], as: "a")
        expectFailure(.storage, containing: "Cannot write to /dev/full") { _ = try writer.finish() }
    }

    @Test("a file that shrinks is an integrity failure")
    func shrinks() throws {
        let path = try self.folder.write(noise(3_000_000), to: "file")
        let writer = try PackageWriter(
            sinks: [MemorySink()],
            progress: { _ in truncate(path, 1_100_000) },
            checkCancellation: {}
        )
        expectFailure(.integrity, containing: "shrank while it was packaged: 1100000 of 3000000 bytes") {
            try writer.addFile(at: path, as: "file")
        }
        expectFailure(.internal) { _ = try writer.finish() }
    }

    @Test("a file that grows is taken with its first size")
    func grows() throws {
        let path = try self.folder.write(noise(2_000_000), to: "file")
        let sink = MemorySink()
        let writer = try PackageWriter(
            sinks: [sink],
            progress: { _ in truncate(path, 9_000_000) },
            checkCancellation: {}
        )
        try writer.addFile(at: path, as: "file")
        let digest = try writer.finish()
        #expect(digest.files[0].size == 2_000_000)
        try reader(sink.bytes, digest).verify()
    }

    @Test("a file that goes away while its folder is packaged is named")
    func disappears() throws {
        let folder = self.folder
        try folder.write([1], to: "tree/a")
        try folder.write([2], to: "tree/b")
        let path = folder("tree/b")
        let writer = try PackageWriter(sinks: [MemorySink()], progress: { _ in unlink(path) }, checkCancellation: {})
        expectFailure(.storage, containing: path) { try writer.addTree(at: folder("tree"), under: "t") }
    }

    @Test("what cannot be opened is named with the system's words")
    func unreadable() throws {
        let folder = self.folder
        try folder.write([1], to: "file")
        for (path, words) in [
            (folder("missing"), "No such file or directory"), (folder("file/below"), "Not a directory"),
            (folder.path, "it is a folder"), ("/dev/null", "it is a device"),
        ] {
            let writer = try PackageWriter(sinks: [], checkCancellation: {})
            let failure = expectFailure(.storage, containing: words) { try writer.addFile(at: path, as: "x") }
            #expect(failure?.message.contains(path) == true)
        }
        let writer = try PackageWriter(sinks: [], checkCancellation: {})
        expectFailure(.storage, containing: "Not a directory") { try writer.addTree(at: folder("file"), under: "x") }
    }

    @Test("a permission failure names path, owner and uid", .enabled(if: geteuid() != 0))
    func permission() throws {
        let path = try self.folder.write([1], to: "file", mode: 0)
        let writer = try PackageWriter(sinks: [], checkCancellation: {})
        expectFailure(.storage, containing: "uid \(geteuid())") { try writer.addFile(at: path, as: "x") }
    }

    @Test("links, sockets and pipes in a tree are named, unless they are excluded")
    func kinds() throws {
        let folder = self.folder
        try folder.write([1], to: "tree/file")
        symlink("file", folder("tree/link"))
        mkfifo(folder("tree/pipe"), 0o600)
        for (excluded, words) in [
            (["pipe"], "tree/link: it is a symbolic link"), (["link"], "tree/pipe: it is a pipe"),
        ] {
            let writer = try PackageWriter(sinks: [], checkCancellation: {})
            expectFailure(.storage, containing: words) {
                try writer.addTree(at: folder("tree"), under: "") { excluded.contains($0) }
            }
        }
        let digest = try package {
            try $0.addTree(at: folder("tree"), under: "") { $0 == "link" || $0 == "pipe" }
        }.digest
        #expect(digest.files.map(\.path) == ["file"])
        #expect(digest.directories.isEmpty)
    }

    @Test("a name that the reader would refuse is not written", arguments: ["", "/a", "../a", "a/./b", "a//b", "a\0b"])
    func names(name: String) throws {
        let writer = try PackageWriter(sinks: [], checkCancellation: {})
        expectFailure(.internal) { try writer.add(bytes: [], as: name) }
        let another = try PackageWriter(sinks: [], checkCancellation: {})
        expectFailure(.internal) { try another.addDirectory(as: name) }
    }

    @Test("a name is not written twice")
    func twice() throws {
        let writer = try PackageWriter(sinks: [], checkCancellation: {})
        try writer.addDirectory(as: "a")
        expectFailure(.internal, containing: "twice") { try writer.add(bytes: [], as: "a") }
    }

    @Test("a finished package takes nothing more")
    func finished() throws {
        let writer = try PackageWriter(sinks: [], checkCancellation: {})
        _ = try writer.finish()
        expectFailure(.internal, containing: "finished already") { try writer.add(bytes: [], as: "a") }
    }
}
