import Failures
import Foundation
import Glibc
import Testing

@testable import Archive

/// Streams that mbstream really wrote, and what can happen to them.
@Suite("Streams in the xbstream format")
struct XBStreamTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// What mbstream makes of files.
    private func stream(_ files: [(String, [UInt8])]) throws -> [UInt8] {
        for (path, bytes) in files {
            let full = self.folder("files/\(path)")
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try Data(bytes).write(to: URL(fileURLWithPath: full))
        }
        let output = self.folder("stream")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let names = files.map(\.0).joined(separator: " ")
        process.arguments = ["-c", "cd '\(self.folder("files"))' && mbstream -c \(names) > '\(output)'"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
    }

    /// Reads a stream in pieces of a size.
    private func read(
        _ bytes: [UInt8],
        pieces: Int = 1 << 20,
        dialect: XBStreamDialect = .mariadb
    ) throws -> XBStreamContents {
        var parser = XBStreamParser(name: "test", dialect: dialect) { $0 == "info" }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { try parser.take($0) }
        }
        return try parser.finish()
    }

    /// A chunk as the format's description has it.
    private func chunk(
        _ type: Character,
        _ path: String,
        _ rest: [UInt8] = [],
        flags: UInt8 = 0
    ) -> [UInt8] {
        var bytes = Array("XBSTCK01".utf8)
        bytes += [flags, type.asciiValue ?? 0]
        bytes += Self.bytes(UInt64(path.utf8.count), 4)
        bytes += Array(path.utf8)
        return bytes + rest
    }

    private func payload(_ path: String, _ bytes: [UInt8], at offset: UInt64 = 0, flags: UInt8 = 0) -> [UInt8] {
        var rest = Self.bytes(UInt64(bytes.count), 8)
        rest += Self.bytes(offset, 8)
        rest += Self.bytes(UInt64(Self.crc(bytes)), 4)
        return self.chunk("P", path, rest + bytes, flags: flags)
    }

    private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// CRC-32 as ISO 3309 defines it, bit by bit.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }

    @Test("What mbstream wrote is read, in pieces of any size", arguments: [1, 7, 4096, 1 << 20])
    func whole(_ pieces: Int) throws {
        let large = noise(300_000)
        let bytes = try self.stream([("ibdata1", large), ("shop/none.MYD", []), ("info", Array("a\t4\t0-1-2".utf8))])
        let contents = try self.read(bytes, pieces: pieces)
        #expect(contents.files == ["ibdata1": 300_000, "shop/none.MYD": 0, "info": 9])
        #expect(contents.kept == ["info": Array("a\t4\t0-1-2".utf8)])
        #expect(contents.unpackedBytes == 300_009)
        #expect(contents.bytes == Int64(bytes.count))
    }

    @Test("A stream that was cut is found out, wherever it is not between two files")
    func cut() throws {
        let bytes = try self.stream([("a", noise(2000)), ("b", noise(10))])
        let end = self.chunk("E", "a").count + self.payload("a", noise(2000)).count
        for length in [0, 1, 13, 20, 100, end - 1, bytes.count - 1] {
            expectFailure(.integrity) { _ = try self.read(Array(bytes.prefix(length))) }
        }
        // Between two files only its length and digests tell.
        #expect(try self.read(Array(bytes.prefix(end))).files.keys.sorted() == ["a"])
    }

    @Test("Every flipped bit is found out, but for flags that mean nothing")
    func flipped() throws {
        let bytes = self.payload("ab", noise(60)) + self.chunk("E", "ab")
        let flags = [8, self.payload("ab", noise(60)).count + 8]
        for place in bytes.indices where !flags.contains(place) {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                expectFailure(.integrity) { _ = try self.read(damaged) }
            }
        }
    }

    @Test(
        "A path that leads elsewhere is refused before what follows it is taken",
        arguments: ["../x", "/etc/passwd", "a/../../x", "a//b", ".", "..", "a/", "./../x", "a\0b", "././x"]
    )
    func paths(_ path: String) throws {
        for bytes in [self.payload(path, [1]), self.chunk("E", path)] {
            expectFailure(.integrity, containing: "refused") { _ = try self.read(bytes) }
            var parser = XBStreamParser(name: "test", dialect: .mariadb)
            expectFailure(.integrity) { try bytes.withUnsafeBytes { try parser.take($0) } }
        }
    }

    @Test("XtraBackup's \"./\" is left out, and means the same file")
    func dotSlash() throws {
        let bytes = self.payload("./shop/a.ibd", [1, 2]) + self.chunk("E", "shop/a.ibd")
        #expect(try self.read(bytes, dialect: .percona).files == ["shop/a.ibd": 2])
    }

    @Test("What no tool writes is refused: a file twice, bytes out of order, no end, another type, a huge file")
    func nonsense() throws {
        let (one, end) = (self.payload("a", [1]), self.chunk("E", "a"))
        expectFailure(.integrity, containing: "twice") { _ = try self.read(one + end + one + end) }
        expectFailure(.integrity, containing: "twice") { _ = try self.read(one + end + end) }
        expectFailure(.integrity, containing: "goes on at 5") {
            _ = try self.read(one + self.payload("a", [1], at: 5))
        }
        expectFailure(.integrity, containing: "no end of \"a\"") { _ = try self.read(one) }
        expectFailure(.integrity, containing: "unknown type") { _ = try self.read(self.chunk("X", "a")) }
        expectFailure(.integrity, containing: "no files") { _ = try self.read([]) }
        let huge = self.chunk("P", "a", Self.bytes(.max, 8) + [UInt8](repeating: 0, count: 12))
        expectFailure(.integrity, containing: "a length or an offset") { _ = try self.read(huge) }
        let info = self.payload("info", noise((1 << 20) + 1)) + self.chunk("E", "info")
        expectFailure(.integrity, containing: "than such a file can hold") { _ = try self.read(info) }
    }

    @Test("mariadb-backup's seeks and rewrites are followed")
    func mariadbChunks() throws {
        var seek = self.payload("a", [1])
        seek += self.chunk("S", "a", Self.bytes(100, 8))
        seek += self.payload("a", [2], at: 100)
        var bytes = seek + self.chunk("E", "a")
        bytes += self.payload("a", [3], flags: 2)
        bytes += self.chunk("E", "a", flags: 2)
        #expect(try self.read(bytes).files == ["a": 1])
        #expect(try self.read(seek + self.chunk("E", "a")).files == ["a": 101])
        let rewrite = self.payload("a", [1]) + self.chunk("E", "a") + self.payload("a", [3], flags: 2)
        expectFailure(.integrity, containing: "twice") { _ = try self.read(rewrite, dialect: .percona) }
    }

    @Test("XtraBackup's chunks with holes are followed, their map under the checksum")
    func perconaChunks() throws {
        let map: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 0, 16, 0, 0, 1, 0, 0, 0]
        func sparse(_ map: [UInt8], _ checksum: UInt32) -> [UInt8] {
            var rest = Self.bytes(2, 4)
            rest += Self.bytes(3, 8)
            rest += Self.bytes(0, 8)
            rest += Self.bytes(UInt64(checksum), 4)
            rest += map
            return self.chunk("S", "a", rest + [7, 8, 9])
        }
        let checksum = Self.crc(map + [7, 8, 9])
        var bytes = sparse(map, checksum)
        bytes += self.payload("a", [1], at: 4099)
        bytes += self.chunk("E", "a")
        #expect(try self.read(bytes, dialect: .percona).files == ["a": 4100])
        expectFailure(.integrity, containing: "a checksum does not fit") {
            _ = try self.read(sparse(map, checksum ^ 1) + self.chunk("E", "a"), dialect: .percona)
        }
    }
}
