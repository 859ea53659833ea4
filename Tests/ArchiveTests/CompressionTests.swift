import Failures
import Foundation
import Glibc
import Testing

@testable import Archive

@Suite("Compressed packages")
struct CompressionTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private static let hasZstd = ["/usr/bin/zstd", "/usr/local/bin/zstd"].contains { (path: String) in
        access(path, X_OK) == 0
    }

    /// Contents of which some compress, over several members.
    private func fill(_ writer: PackageWriter) throws {
        try writer.addDirectory(as: "d", mode: 0o755)
        for (index, size) in [0, 1, Block.contentSize - 1, Block.contentSize, 2_500_000].enumerated() {
            try writer.add(bytes: noise(size / 2) + [UInt8](repeating: 7, count: size - size / 2), as: "d/\(index)")
        }
    }

    /// A package that other tools made of what is in one of ours.
    private func repack(_ digest: PackageDigest, at path: String) throws -> (bytes: [UInt8], digest: PackageDigest) {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var total = StreamDigest()
        bytes.withUnsafeBytes { total.update($0) }
        var other = digest
        (other.bytes, other.sha256, other.sha1) = (total.bytes, total.record.sha256, total.record.sha1)
        return (bytes, other)
    }

    @Test(
        "the number of threads changes nothing in what is written",
        arguments: PackageCompression.allCases
    )
    func deterministic(compression: PackageCompression) throws {
        // Words in a changing order: what matches are found depends on what the compressor saw before.
        let words = noise(700_000).map { Array("\($0 % 64) \($0 / 5);".utf8) }
        let contents = Array(words.joined()) + [UInt8](repeating: 9, count: 1_000_000)
        let packed = try [1, 2, 5, 2].map { threads in
            let sink = MemorySink()
            let writer = try StreamWriter(
                sinks: [sink],
                compression: compression,
                threads: threads,
                checkCancellation: {}
            )
            try contents.withUnsafeBytes { try writer.write($0) }
            #expect(try writer.finish().bytes == Int64(sink.bytes.count))
            return sink.bytes
        }
        // ISA-L now and then compresses the same bytes a little differently; libzstd does not.
        if compression == .zstd { #expect(packed.allSatisfy { $0 == packed[0] }) }
        #expect(packed.allSatisfy { abs($0.count - packed[0].count) < 100 })
        #expect(packed[0].count < contents.count)
    }

    @Test("tar and zstd read a package in zstd", .enabled(if: CompressionTests.hasZstd))
    func zstd() throws {
        let folder = self.folder
        let made = try package(.zstd) { try self.fill($0) }
        try folder.write(made.bytes, to: "package.tar.zst")
        #expect(try run("zstd", "-q", "-t", "package.tar.zst", in: folder.path) == (0, ""))
        #expect(try run("zstd", "-lv", "package.tar.zst", in: folder.path).output.contains("Check: XXH64"))
        #expect(try run("tar", "--zstd", "-xf", "package.tar.zst", in: folder.path) == (0, ""))
        for file in made.digest.files {
            #expect(try run("sha256sum", folder(file.path), in: "/").output.contains(file.sha256))
        }
        try reader(made.bytes, made.digest).verify()
        try reader(made.bytes, made.digest, step: 777).verify()
    }

    @Test("what gzip itself compressed is read, in one member and in many, in pieces of any size")
    func otherGzip() throws {
        let folder = self.folder
        let made = try package { try self.fill($0) }
        try folder.write(made.bytes, to: "ours.gz")
        // Where SIGPIPE is ignored, tail complains of head's end.
        let shell = """
            gzip -dc ours.gz >tar && gzip -1c tar >one && \
            for n in 0 1 2 3 4 5 6 7 8 9; do tail -c +$((n * 400000 + 1)) tar 2>/dev/null | head -c 400000 | gzip -1c; done >many
            """
        #expect(try run("sh", "-c", shell, in: folder.path) == (0, ""))
        for name in ["one", "many"] {
            let other = try self.repack(made.digest, at: folder(name))
            for step in [Int.max, 65_536, 1009] { try reader(other.bytes, other.digest, step: step).verify() }
            expectFailure(.integrity, containing: "has bytes after its end") {
                var expected = other.digest
                expected.bytes += 1
                try reader(other.bytes + [0], expected).verify()
            }
            expectFailure(.integrity, containing: "is truncated after 1000 of 1000 bytes") {
                var expected = other.digest
                expected.bytes = 1000
                try reader(Array(other.bytes.prefix(1000)), expected).verify()
            }
        }
    }

    @Test("a package that is cut between two members is found, even by a manifest that counts no more")
    func cutBetweenMembers() throws {
        let made = try package { try self.fill($0) }
        var ends: [Int] = []
        while let length = made.bytes.dropFirst(ends.last ?? 0).prefix(GzipMember.headerSize).withMember {
            ends.append((ends.last ?? 0) + length)
        }
        #expect(ends.last == made.bytes.count)
        #expect(ends.count > 4)
        for end in ends.dropLast() {
            let cut = Array(made.bytes.prefix(end))
            expectFailure(.integrity, containing: "is truncated after \(end) of \(made.bytes.count) bytes") {
                try reader(cut, made.digest).verify()
            }
            try self.folder.write(cut, to: "cut")
            let expected = try self.repack(made.digest, at: self.folder("cut")).digest
            expectFailure(.integrity) { try reader(cut, expected).verify() }
        }
    }

    @Test("a member that says a wrong length is found", arguments: [-1, 1, 40, 100_000])
    func wrongLength(difference: Int) throws {
        var (bytes, digest) = try package { try self.fill($0) }
        let length = try #require(bytes.prefix(GzipMember.headerSize)[...].withMember)
        bytes.withUnsafeMutableBytes { GzipMember.writeHeader(length: length + difference, into: $0) }
        try self.folder.write(bytes, to: "wrong")
        digest = try self.repack(digest, at: self.folder("wrong")).digest
        expectFailure(.integrity) { try reader(bytes, digest).verify() }
    }

    @Test("a file name's end and a stream's first bytes tell the compression")
    func names() {
        #expect(PackageCompression.allCases.map(\.fileExtension) == ["tar.gz", "tar.zst"])
        #expect(PackageCompression.allCases.map(\.streamExtension) == ["gz", "zst"])
        #expect(PackageCompression(magic: [0x1F, 0x8B, 8]) == .gzip)
        #expect(PackageCompression(magic: [0x28, 0xB5, 0x2F, 0xFD]) == .zstd)
        #expect(PackageCompression(magic: [0x1F]) == nil)
    }

    @Test("a file of more than 8 GiB has its size in a pax header")
    func largeHeader() throws {
        let sink = MemorySink()
        let output = try CompressedOutput(sinks: [sink], compression: .gzip, threads: 1, checkCancellation: {})
        let tar = try TarWriter(output: PackageOutput(output))
        try tar.begin(.init(path: "big.ibd", isDirectory: false, size: 9 << 30, mode: 0o600, modified: 0))
        _ = try output.finish()
        try self.folder.write(sink.bytes, to: "tar.gz")
        let header = try run("sh", "-c", "gzip -dc tar.gz | tr '\\0' '\\n'", in: self.folder.path).output
        #expect(header.contains("size=9663676416"), "\(header)")
    }

    @Test("long runs of zeros come back as holes, also where they end the file")
    func holes() throws {
        let folder = self.folder
        let contents: [(String, [UInt8])] = [
            ("end", noise(100_000) + [UInt8](repeating: 0, count: 8 << 20)),
            ("middle", noise(70_000) + [UInt8](repeating: 0, count: 8 << 20) + noise(5)),
            ("all", [UInt8](repeating: 0, count: (8 << 20) + 1)), ("few", [0, 0, 1, 0]), ("none", []),
        ]
        let made = try package { writer in for (name, bytes) in contents { try writer.add(bytes: bytes, as: name) } }
        try reader(made.bytes, made.digest).extract(into: folder("out"))
        for (name, bytes) in contents {
            #expect(FileManager.default.contents(atPath: folder("out/\(name)")) == Data(bytes))
            var status = stat()
            #expect(stat(folder("out/\(name)"), &status) == 0)
            #expect(Int(status.st_blocks) * 512 <= 400_000, "\(name)")
        }
    }
}

extension ArraySlice<UInt8> {
    /// What a member's header says of its length.
    fileprivate var withMember: Int? { self.withUnsafeBytes(GzipMember.length) }
}
