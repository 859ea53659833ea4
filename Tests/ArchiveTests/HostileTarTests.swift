import CArchive
import Failures
import Foundation
import Glibc
import Testing

@testable import Archive

@Suite("A hostile package")
struct HostileTarTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// An entry as an attacker might write it.
    struct Entry: Sendable, CustomTestStringConvertible {
        var path: String
        var kind: UInt32 = S_IFREG
        var link: String?
        var hardLink: String?
        var mode: UInt32 = 0o644
        var contents: [UInt8] = [1, 2, 3]

        var testDescription: String { "\(self.path) \(String(self.kind, radix: 8))" }
    }

    /// A package whose own digests are right, so that only its entries can be refused.
    private func pack(_ entries: [Entry], expecting paths: [String]) throws -> (bytes: [UInt8], digest: PackageDigest) {
        let sink = MemorySink()
        let writer = try StreamWriter(sinks: [sink], checkCancellation: {})
        try Self.tar(entries).withUnsafeBytes { try writer.write($0) }
        let total = try writer.finish()
        let hash = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"
        let files = paths.map { PackageFile(path: $0, size: 3, sha256: hash, mode: 0o644) }
        let digest = PackageDigest(
            bytes: total.bytes,
            sha256: total.sha256,
            sha1: total.sha1,
            files: files,
            directories: []
        )
        return (sink.bytes, digest)
    }

    private static func tar(_ entries: [Entry]) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var used = 0
        let archive = try #require(archive_write_new())
        archive_write_set_format_pax_restricted(archive)
        try buffer.withUnsafeMutableBytes { memory in
            archive_write_open_memory(archive, memory.baseAddress, memory.count, &used)
            for item in entries {
                let entry = try #require(archive_entry_new())
                archive_entry_set_pathname(entry, item.path)
                archive_entry_set_filetype(entry, item.kind)
                archive_entry_set_mode(entry, item.kind | item.mode)
                if let link = item.link { archive_entry_set_symlink(entry, link) }
                if let link = item.hardLink { archive_entry_set_hardlink(entry, link) }
                let isFile = item.kind == S_IFREG && item.hardLink == nil
                archive_entry_set_size(entry, isFile ? Int64(item.contents.count) : 0)
                #expect(archive_write_header(archive, entry) >= ARCHIVE_WARN)
                if isFile { archive_write_data(archive, item.contents, item.contents.count) }
                archive_entry_free(entry)
            }
            archive_write_close(archive)
        }
        archive_write_free(archive)
        return Array(buffer.prefix(used))
    }

    @Test(
        "an entry that leads elsewhere or is no plain file is refused before it is written",
        arguments: [
            (Entry(path: "../x"), "component \"..\""),
            (Entry(path: "a/../../x"), "component \"..\""),
            (Entry(path: "/tmp/dorsal-absolute"), "absolute"),
            (Entry(path: "./x"), "component \".\""),
            (Entry(path: "a//x"), "empty component"),
            (Entry(path: "x", kind: S_IFLNK, link: "/etc/passwd"), "symbolic link"),
            (Entry(path: "x", hardLink: "../../etc/passwd"), "hard link"),
            (Entry(path: "x", kind: S_IFCHR), "device"),
            (Entry(path: "x", kind: S_IFBLK), "device"),
            (Entry(path: "x", kind: S_IFIFO), "pipe"),
            (Entry(path: "x", contents: [1, 2, 3, 4]), "4 bytes, and not 3"),
            (Entry(path: "x", contents: []), "0 bytes, and not 3"),
            (Entry(path: "x", kind: S_IFDIR), "not what the manifest says"),
            (Entry(path: "y"), "does not list it"),
            (Entry(path: "y", kind: S_IFDIR), "does not list it"),
            (Entry(path: "X"), "does not list it"),
        ]
    )
    func refused(entry: Entry, reason: String) throws {
        let folder = self.folder
        let made = try self.pack([entry], expecting: ["x", "../x", "/tmp/dorsal-absolute"])
        expectFailure(.integrity, containing: reason) {
            try reader(made.bytes, made.digest).extract(into: folder("out"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("out")).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
        #expect(!FileManager.default.fileExists(atPath: "/tmp/dorsal-absolute"))
        expectFailure(.integrity, containing: reason) { try reader(made.bytes, made.digest).verify() }
    }

    @Test("an entry that comes twice is refused")
    func duplicate() throws {
        let folder = self.folder
        let made = try self.pack([Entry(path: "x"), Entry(path: "x")], expecting: ["x"])
        expectFailure(.integrity, containing: "twice") {
            try reader(made.bytes, made.digest).extract(into: folder("out"))
        }
    }

    @Test("a file through a link is refused, and a link that is there already is not followed")
    func throughLink() throws {
        let folder = self.folder
        try folder.folder("elsewhere")
        let link = Entry(path: "d", kind: S_IFLNK, link: folder("elsewhere"))
        let made = try self.pack([link, Entry(path: "d/x")], expecting: ["d", "d/x"])
        expectFailure(.integrity, containing: "symbolic link") {
            try reader(made.bytes, made.digest).extract(into: folder("out"))
        }
        symlink(folder("elsewhere"), folder("out/d"))
        let plain = try self.pack([Entry(path: "d/x")], expecting: ["d/x"])
        expectFailure(.storage, containing: folder("out/d")) {
            try reader(plain.bytes, plain.digest).extract(into: folder("out"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("elsewhere")).isEmpty)
    }

    @Test("setuid, setgid and sticky bits are dropped, and the owner can always read and write")
    func setuid() throws {
        let folder = self.folder
        let entries = [Entry(path: "x", mode: 0o7755), Entry(path: "y", mode: 0o000)]
        let made = try self.pack(entries, expecting: ["x", "y"])
        try reader(made.bytes, made.digest).extract(into: folder("out"))
        #expect(try run("stat", "-c", "%a", folder("out/x"), folder("out/y"), in: "/").output == "755\n600\n")
    }

    @Test("a manifest that lists a name twice is refused")
    func manifest() throws {
        let made = try self.pack([Entry(path: "x")], expecting: ["x", "x"])
        expectFailure(.integrity, containing: "lists \"x\" twice") { try reader(made.bytes, made.digest).verify() }
    }

    @Test("a file that exists is not overwritten")
    func existing() throws {
        let folder = self.folder
        let path = try folder.write([9], to: "out/x")
        let made = try self.pack([Entry(path: "x")], expecting: ["x"])
        expectFailure(.storage, containing: "File exists") {
            try reader(made.bytes, made.digest).extract(into: folder("out"))
        }
        #expect(FileManager.default.contents(atPath: path) == Data([9]))
    }

    @Test("a destination that cannot be written is named", arguments: ["file/below", "/proc/dorsal"])
    func destination(path: String) throws {
        let folder = self.folder
        try folder.write([], to: "file")
        let made = try self.pack([Entry(path: "x")], expecting: ["x"])
        let destination = path.hasPrefix("/") ? path : folder(path)
        expectFailure(.storage, containing: destination) {
            try reader(made.bytes, made.digest).extract(into: destination)
        }
    }
}
