import Archive
import Failures
import Foundation
import Glibc
import Testing

@Suite("A package read back")
struct RoundTripTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }
    private static let deep = (0..<6).map { "folder \($0) " + String(repeating: "x", count: 60) }.joined(separator: "/")

    /// A tree with everything a server's folder may hold, and more.
    private func makeTree() throws -> TemporaryFolder {
        let tree = try TemporaryFolder()
        try tree.write([], to: "data/empty", mode: 0o600)
        try tree.write(noise(5_000_000), to: "data/big.ibd")
        try tree.write(Array("x".utf8), to: "data/with space and ünïcødé 💾", mode: 0o444)
        try tree.write(Array("y".utf8), to: "data/" + String(repeating: "n", count: 120), mode: 0o777)
        try tree.write(Array("z".utf8), to: "data/\(Self.deep)/file")
        try tree.folder("data/empty folder", mode: 0o755)
        try tree.write(Array("socket".utf8), to: "data/mysqld.sock")
        return tree
    }

    private func write(_ tree: TemporaryFolder, to path: String) throws -> PackageDigest {
        let writer = try PackageWriter(sinks: [FileSink(creating: path)], checkCancellation: {})
        try writer.addTree(at: tree("data"), under: "data") { $0 == "mysqld.sock" }
        try writer.add(bytes: Array("hello".utf8), as: "notes/read me.txt", mode: 0o640)
        return try writer.finish()
    }

    @Test("every file, folder, name and mode comes back")
    func extracts() throws {
        let tree = try self.makeTree()
        let folder = self.folder
        let digest = try self.write(tree, to: folder("package.tar.gz"))
        let source = try FileSource(opening: folder("package.tar.gz"))
        try PackageReader(source: source, expected: digest, checkCancellation: {}).extract(into: folder("out"))

        try FileManager.default.removeItem(atPath: tree("data/mysqld.sock"))
        let difference = try run("diff", "-r", tree("data"), folder("out/data"), in: "/")
        #expect(difference.status == 0, "\(difference.output)")
        let modes = try run("find", ".", "-printf", "%P %m\n", in: tree("data"))
        #expect(
            try run("find", ".", "-printf", "%P %m\n", in: folder("out/data")).output.sortedLines
                == modes.output.replacing(" 444\n", with: " 644\n").sortedLines
        )
        #expect(try String(contentsOfFile: folder("out/notes/read me.txt"), encoding: .utf8) == "hello")
        #expect(digest.files.count == 6)
        #expect(digest.directories.contains(PackageDirectory(path: "data/empty folder", mode: 0o755)))
    }

    @Test("gzip, tar, sha256sum and sha1sum agree")
    func otherTools() throws {
        let tree = try self.makeTree()
        let folder = self.folder
        let digest = try self.write(tree, to: folder("package.tar.gz"))
        #expect(try run("gzip", "-t", "package.tar.gz", in: folder.path) == (0, ""))
        #expect(try run("sha256sum", "package.tar.gz", in: folder.path).output.hasPrefix(digest.sha256 + " "))
        #expect(try run("sha1sum", "package.tar.gz", in: folder.path).output.hasPrefix(digest.sha1 + " "))
        #expect(try run("stat", "-c", "%s %a", "package.tar.gz", in: folder.path).output == "\(digest.bytes) 600\n")
        #expect(try run("tar", "xzf", "package.tar.gz", in: folder.path) == (0, ""))
        try FileManager.default.removeItem(atPath: tree("data/mysqld.sock"))
        let difference = try run("diff", "-r", tree("data"), folder("data"), in: "/")
        #expect(difference.status == 0, "\(difference.output)")
        for file in digest.files {
            #expect(try run("sha256sum", folder(file.path), in: "/").output.contains(file.sha256))
        }
    }

    @Test("a package may come in pieces of any size", arguments: [1, 7, 511, 65_536])
    func pieces(step: Int) throws {
        let made = try package {
            try $0.addDirectory(as: "d")
            try $0.add(bytes: noise(200_000), as: "d/f")
        }
        try reader(made.bytes, made.digest, step: step).verify()
    }

    @Test("an empty package is a package")
    func empty() throws {
        let made = try package { _ in }
        try reader(made.bytes, made.digest).verify()
        let folder = self.folder
        try reader(made.bytes, made.digest).extract(into: folder("out"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("out")).isEmpty)
    }

    @Test("every sink gets the same bytes, and progress ends at the sum of the files")
    func sinksAndProgress() throws {
        let sinks = [MemorySink(), MemorySink()]
        var progress: [Int64] = []
        let writer = try PackageWriter(sinks: sinks, progress: { progress.append($0) }, checkCancellation: {})
        try writer.add(bytes: noise(3_000_000), as: "a")
        try writer.add(bytes: [1], as: "b")
        let digest = try writer.finish()
        #expect(sinks[0].bytes == sinks[1].bytes)
        #expect(sinks.allSatisfy { $0.isFinished })
        #expect(digest.bytes == Int64(sinks[0].bytes.count))
        #expect(progress == progress.sorted())
        #expect(progress.count >= 4)
        #expect(progress.last == 3_000_001)
    }

    @Test("a file in a folder without an entry of its own is extracted")
    func impliedFolder() throws {
        let made = try package { try $0.add(bytes: [7], as: "a/b/c") }
        let folder = self.folder
        try reader(made.bytes, made.digest).extract(into: folder("out"))
        #expect(FileManager.default.contents(atPath: folder("out/a/b/c")) == Data([7]))
    }

    @Test("a digest stands in JSON as it is")
    func json() throws {
        let digest = try package { try $0.add(bytes: [7], as: "a", mode: 0o4755) }.digest
        #expect(digest.files[0].mode == 0o755)
        #expect(try JSONDecoder().decode(PackageDigest.self, from: JSONEncoder().encode(digest)) == digest)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(PackageDigest.self, from: Data("{}".utf8)) }
    }
}

extension String {
    fileprivate var sortedLines: [Substring] { self.split(separator: "\n").sorted() }
}
