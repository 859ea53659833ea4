import Failures
import Foundation
import Testing

@testable import Archive

@Suite("A damaged package")
struct DamageTests {
    /// A small package with several entries.
    private func small(
        _ compression: PackageCompression = .gzip
    ) throws -> (bytes: [UInt8], digest: PackageDigest) {
        try package(compression) {
            try $0.addDirectory(as: "data")
            try $0.add(bytes: noise(300), as: "data/one")
            try $0.add(bytes: [], as: "data/two")
            try $0.add(bytes: Array(repeating: 1, count: 20_000), as: "data/three")
        }
    }

    @Test("any flipped byte is found", arguments: [0xFF, 0x01, 0x80] as [UInt8], PackageCompression.allCases)
    func flips(mask: UInt8, compression: PackageCompression) throws {
        let (bytes, digest) = try self.small(compression)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= mask
            expectFailure(.integrity, containing: "memory/package.tar.gz") { try reader(damaged, digest).verify() }
        }
    }

    @Test(
        "any flipped byte is survived where only the tar and compression layers can find it",
        arguments: PackageCompression.allCases
    )
    func flipsBehindTheDigest(compression: PackageCompression) throws {
        let (bytes, digest) = try self.small(compression)
        for index in bytes.indices {
            for mask in [0xFF, 0x01, 0x04] as [UInt8] {
                var damaged = bytes
                damaged[index] ^= mask
                var total = StreamDigest()
                damaged.withUnsafeBytes { total.update($0) }
                var expected = digest
                (expected.sha256, expected.sha1) = (total.record.sha256, total.record.sha1)
                // Bytes of a header that mean nothing, such as the time, may pass; all else must be a failure.
                do {
                    try reader(damaged, expected).verify()
                } catch {
                    #expect((error as? Failure)?.class == .integrity, "\(error)")
                }
            }
        }
    }

    @Test(
        "any truncation is found, and the message counts the bytes",
        arguments: [true, false],
        PackageCompression.allCases
    )
    func truncations(knowsSize: Bool, compression: PackageCompression) throws {
        let (bytes, digest) = try self.small(compression)
        for count in bytes.indices {
            expectFailure(.integrity, containing: "is truncated after \(count) of \(bytes.count) bytes") {
                try reader(Array(bytes.prefix(count)), digest, knowsSize: knowsSize).verify()
            }
        }
    }

    @Test(
        "bytes after the end are found, also when the manifest counts them",
        arguments: [1, 7, 8, 9, 20, 5000],
        PackageCompression.allCases
    )
    func trailing(count: Int, compression: PackageCompression) throws {
        let (bytes, digest) = try self.small(compression)
        let longer = bytes + noise(count)
        expectFailure(.integrity, containing: "is longer than") { try reader(longer, digest).verify() }
        expectFailure(.integrity, containing: "has \(longer.count) bytes") {
            try reader(longer, digest, knowsSize: true).verify()
        }
        var expected = digest
        expected.bytes = Int64(longer.count)
        expectFailure(.integrity, containing: "has bytes after its end") { try reader(longer, expected).verify() }
        expectFailure(.integrity, containing: "has bytes after its end") {
            try reader(longer, expected, step: bytes.count).verify()
        }
    }

    @Test("a second package behind the first is found")
    func secondMember() throws {
        let (bytes, digest) = try self.small()
        var expected = digest
        expected.bytes *= 2
        expectFailure(.integrity, containing: "has bytes after its end") {
            try reader(bytes + bytes, expected).verify()
        }
    }

    @Test("wrong digests in the manifest are found")
    func wrongDigests() throws {
        let (bytes, digest) = try self.small()
        var wrong = digest
        wrong.sha1 = String(repeating: "0", count: 40)
        expectFailure(.integrity, containing: "SHA-1") { try reader(bytes, wrong).verify() }
        wrong = digest
        wrong.sha256 = String(repeating: "0", count: 64)
        expectFailure(.integrity, containing: "has another SHA-256") { try reader(bytes, wrong).verify() }
        wrong = digest
        wrong.files[0].sha256 = String(repeating: "0", count: 64)
        expectFailure(.integrity, containing: "\"data/one\"") { try reader(bytes, wrong).verify() }
        #expect(throws: Never.self) { try reader(bytes, digest).verify() }
    }

    @Test("files that are missing are named")
    func missing() throws {
        let (bytes, digest) = try self.small()
        var more = digest
        more.files.append(PackageFile(path: "data/four", size: 1, sha256: digest.sha256, mode: 0o600))
        expectFailure(.integrity, containing: "lacks \"data/four\"") { try reader(bytes, more).verify() }
        more.directories.append(PackageDirectory(path: "void", mode: 0o700))
        expectFailure(.integrity, containing: "lacks \"data/four\" and 1 more") { try reader(bytes, more).verify() }
    }

    @Test("other files are not packages", arguments: ["", "hello", String(repeating: "\0", count: 10_000)])
    func noPackage(text: String) throws {
        let digest = PackageDigest(bytes: Int64(text.utf8.count), sha256: "", sha1: "", files: [], directories: [])
        expectFailure(.integrity) { try reader(Array(text.utf8), digest).verify() }
    }

    @Test("a large package that is damaged inside names file and place")
    func place() throws {
        var (bytes, digest) = try package { try $0.add(bytes: noise(4_000_000), as: "data/big") }
        bytes[3_000_000] ^= 0x10
        let failure = expectFailure(.integrity) { try reader(bytes, digest).verify() }
        #expect(failure?.message.contains(/around byte \d+ of \d+|data.big/) == true)
        #expect(failure?.hint != nil)
        digest.files[0].size += 1
        expectFailure(.integrity, containing: "has 4000000 bytes, and not 4000001") {
            try reader(bytes, digest).verify()
        }
    }
}
