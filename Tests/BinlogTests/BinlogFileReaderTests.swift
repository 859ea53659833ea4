import Binlog
import Failures
import GTID
import TestSupport
import Testing

@Suite struct BinlogFileReaderTests {
    private let uuid = zeros(15) + [1]

    /// A small file with everything in it.
    private func sample(_ checksum: ChecksumAlgorithm = .crc32) -> LogBuilder {
        var log = LogBuilder(checksum: checksum)
        log.addFormat()
        log.add(35, little(UInt64(1)) + uuid + little(UInt64(1)) + little(Int64(1)) + little(Int64(5)), flags: 0x80)
        log.add(33, LogBuilder.gtidBody(uuid, 5))
        log.add(2, zeros(30), server: 7)
        log.add(42, LogBuilder.taggedBody(uuid, "tag", 1))
        log.add(40, zeros(20))
        log.add(34, LogBuilder.gtidBody(uuid, 1))
        log.add(16, zeros(8))
        log.add(4, LogBuilder.rotateBody("binlog.000002"), server: 9)
        return log
    }

    @Test(arguments: ChecksumAlgorithm.allCases)
    func summarizes(_ checksum: ChecksumAlgorithm) throws {
        let log = sample(checksum)
        let summary = try scan(log.bytes)
        let name = "00000000-0000-0000-0000-000000000001"
        #expect(summary.name.hasSuffix(".000001") && summary.size == UInt64(log.bytes.count))
        #expect(summary.previous.description == "\(name):1-4")
        #expect(summary.gtids.description == "\(name):5:tag:1")
        #expect(summary.serverIDs == [1, 7] && summary.anonymousCount == 1 && summary.endsCleanly)
        #expect(summary.checksum == checksum && summary.serverVersion == "9.7.4")
    }

    @Test func handsOutEveryEvent() throws {
        let log = sample()
        try withFile(log.bytes) { path in
            var reader = try BinlogFileReader(path: path)
            #expect(reader.size == UInt64(log.bytes.count) && reader.path == path && reader.format == nil)
            var offset: UInt64 = 4
            var seen: [[UInt8]] = []
            try reader.forEach { event in
                #expect(event.offset == offset)
                #expect(event.body.count == event.bytes.count - 23)
                seen.append(Array(event.bytes))
                offset += UInt64(event.header.length)
            }
            #expect(seen == log.events)
            #expect(reader.format?.checksum == .crc32)
            #expect(try reader.next() == nil)
        }
    }

    @Test func readsEventsLargerThanItsBuffer() throws {
        var log = LogBuilder()
        log.addFormat()
        for size in [10, 300_000, 5, 262_144, 1_000_000, 0] { log.add(2, zeros(size)) }
        let summary = try scan(log.bytes)
        #expect(summary.size == UInt64(log.bytes.count) && !summary.endsCleanly)
    }

    @Test func noticesEveryFlippedByte() throws {
        let log = sample()
        let truth = try withFile(log.bytes) { try self.facts(BinlogSummary.scan(path: $0, flavor: .mysql)) }
        for mask in [UInt8(0xFF), 0x01, 0x80] {
            for index in log.bytes.indices {
                var bytes = log.bytes
                bytes[index] ^= mask
                // The in-use flag of the format description is the only bit that the sums leave out.
                if index == 21, mask == 0x01 {
                    #expect(try self.facts(scan(bytes)) == truth)
                } else {
                    #expect(throws: Failure.self, "byte \(index)") { try scan(bytes) }
                }
            }
        }
    }

    @Test(arguments: ChecksumAlgorithm.allCases)
    func survivesEveryTruncation(_ checksum: ChecksumAlgorithm) throws {
        let log = sample(checksum)
        let ends = Set(log.events.reduce(into: [4]) { $0.append(($0.last ?? 0) + $1.count) }.dropFirst())
        for count in 0..<log.bytes.count {
            let bytes = Array(log.bytes.prefix(count))
            if ends.contains(count) {
                #expect(try !scan(bytes).endsCleanly)
            } else {
                #expect(throws: Failure.self, "\(count) bytes") { try scan(bytes) }
            }
        }
    }

    @Test func survivesGarbage() {
        var noise = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let garbage = noise.bytes(upTo: 400)
            #expect(throws: Failure.self) { try scan(garbage) }
            #expect(throws: Failure.self) { try scan(BinlogReceiver.magic + garbage) }
            var log = LogBuilder(checksum: .none)
            log.addFormat()
            // Without checksums garbage may by chance be an event; it must only never crash.
            _ = try? scan(log.bytes + garbage)
        }
    }

    private func facts(_ summary: BinlogSummary) -> [String] {
        [summary.previous.description, summary.gtids.description, "\(summary.serverIDs.sorted())", "\(summary.size)"]
    }
}
