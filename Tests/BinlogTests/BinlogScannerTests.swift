import Binlog
import Failures
import GTID
import Testing

@Suite struct BinlogScannerTests {
    private func sample() -> LogBuilder {
        var log = LogBuilder()
        log.addFormat()
        log.add(33, LogBuilder.gtidBody(zeros(15) + [1], 5))
        log.add(2, zeros(3000), server: 7)
        // A header and a checksum alone.
        log.add(3)
        log.add(4, LogBuilder.rotateBody("binlog.000002"))
        return log
    }

    private func stream(_ bytes: [UInt8], step: Int, size: Int? = nil) throws -> BinlogSummary {
        var scanner = BinlogScanner(
            name: "binlog.000001",
            place: "package: binlog/binlog.000001",
            size: UInt64(size ?? bytes.count),
            flavor: .mysql
        )
        for start in stride(from: 0, to: bytes.count, by: step) {
            try Array(bytes[start..<min(bytes.count, start + step)]).withUnsafeBytes { try scanner.take($0) }
        }
        return try scanner.finish()
    }

    @Test("In pieces of any length a file holds what it holds as a whole", arguments: [1, 2, 19, 100, 1 << 20])
    func pieces(_ step: Int) throws {
        let log = self.sample()
        let whole = try scan(log.bytes)
        let streamed = try self.stream(log.bytes, step: step)
        #expect(streamed.gtids == whole.gtids && streamed.previous == whole.previous)
        #expect(streamed.size == whole.size && streamed.serverIDs == whole.serverIDs)
        #expect(streamed.endsCleanly && streamed.name == "binlog.000001")
    }

    @Test("A flipped bit anywhere behind the magic number is found, with place and offset", arguments: [1, 1000])
    func flipped(_ step: Int) throws {
        let log = self.sample()
        for offset in stride(from: 4, to: log.bytes.count, by: 53) {
            var bytes = log.bytes
            bytes[offset] ^= 4
            let failure = #expect(throws: Failure.self) { try self.stream(bytes, step: step) }
            #expect(failure?.class == .integrity, "at \(offset)")
            #expect(failure?.message.hasPrefix("package: binlog/binlog.000001 at offset ") == true, "at \(offset)")
        }
    }

    @Test("One that is cut short, or is no binary log")
    func cutShort() throws {
        let log = self.sample()
        for length in [0, 3, 10, 60, log.bytes.count - 1] {
            #expect(throws: Failure.self, "\(length)") { try self.stream(Array(log.bytes.prefix(length)), step: 7) }
        }
        let cut = #expect(throws: Failure.self) {
            try self.stream(Array(log.bytes.dropLast()), step: 7, size: log.bytes.count)
        }
        #expect(cut?.message.contains("cut short") == true)
        let other = #expect(throws: Failure.self) { try self.stream(Array("not a binlog".utf8), step: 5) }
        #expect(other?.message.contains("this is not a binary log") == true)
    }
}
