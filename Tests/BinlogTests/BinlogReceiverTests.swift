import Binlog
import Failures
import GTID
import TestSupport
import Testing

@Suite struct BinlogReceiverTests {
    private let uuid = zeros(15) + [1]

    private func receive(_ receiver: inout BinlogReceiver, _ event: [UInt8]) throws -> BinlogReceiver.Action {
        try event.withUnsafeBytes { try receiver.receive($0) }
    }

    private func fails(_ reason: String, _ receiver: inout BinlogReceiver, _ event: [UInt8]) {
        let before = (receiver.fileName, receiver.fileSize, receiver.sourcePosition)
        let failure = #expect(throws: Failure.self) { try receive(&receiver, event) }
        #expect(failure?.class == .integrity)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
        #expect(before == (receiver.fileName, receiver.fileSize, receiver.sourcePosition))
    }

    private func log(_ number: Int64, checksum: ChecksumAlgorithm = .crc32, rotatesTo next: String? = nil) -> LogBuilder
    {
        var log = LogBuilder(checksum: checksum)
        log.addFormat()
        log.add(33, LogBuilder.gtidBody(uuid, number))
        log.add(16, zeros(8))
        if let next { log.add(4, LogBuilder.rotateBody(next)) }
        return log
    }

    /// A receiver that has started a file and got its format description.
    private func started(_ checksum: ChecksumAlgorithm = .crc32) throws -> BinlogReceiver {
        var receiver = BinlogReceiver(flavor: .mysql)
        _ = try receive(&receiver, LogBuilder.artificialRotate("binlog.000001"))
        _ = try receive(&receiver, log(1, checksum: checksum).events[0])
        return receiver
    }

    @Test(arguments: ChecksumAlgorithm.allCases)
    func rebuildsFiles(_ checksum: ChecksumAlgorithm) throws {
        let logs = [log(1, checksum: checksum, rotatesTo: "binlog.000002"), log(2, checksum: checksum)]
        var receiver = BinlogReceiver(flavor: .mysql)
        var files: [String: [UInt8]] = [:]
        var summaries: [BinlogSummary] = []
        for (index, log) in logs.enumerated() {
            let rotate = LogBuilder.artificialRotate("binlog.00000\(index + 1)", checksum: checksum)
            let heartbeat = LogBuilder.event(27, Array("binlog.000001".utf8), position: 4, checksum: checksum)
            for event in [rotate] + log.events + [heartbeat] {
                switch try receive(&receiver, event) {
                case .nothing: #expect(event == heartbeat)
                case .append: files[receiver.fileName ?? "", default: []] += event
                case .startFile(let name, let finished):
                    files[name] = BinlogReceiver.magic
                    if let finished { summaries.append(finished) }
                }
            }
            #expect(receiver.fileSize == UInt64(log.bytes.count) && receiver.sourcePosition == receiver.fileSize)
        }
        let last = receiver.finish()
        summaries.append(try #require(last))
        let afterwards = receiver.finish()
        #expect(afterwards == nil && receiver.fileName == nil && receiver.fileSize == 0)
        #expect(files == ["binlog.000001": logs[0].bytes, "binlog.000002": logs[1].bytes])
        #expect(summaries.map(\.name) == ["binlog.000001", "binlog.000002"])
        #expect(summaries.map(\.endsCleanly) == [true, false])
        for (summary, log) in zip(summaries, logs) {
            let scanned = try scan(log.bytes)
            #expect(summary.gtids == scanned.gtids && summary.size == scanned.size)
            #expect(summary.serverIDs == scanned.serverIDs && summary.checksum == checksum)
        }
    }

    @Test func goesOnAfterABreak() throws {
        let log = log(1)
        var receiver = try started()
        // The server repeats the name and, changed, the format description; then it goes on where the dump broke off.
        #expect(try receive(&receiver, LogBuilder.artificialRotate("binlog.000001", position: 127)) == .nothing)
        #expect(try receive(&receiver, LogBuilder.event(15, LogBuilder.formatBody(1))) == .nothing)
        #expect(try receive(&receiver, log.events[1]) == .append)
        fails("the server goes on at 4", &receiver, LogBuilder.artificialRotate("binlog.000001"))
        fails("the server goes on at 99", &receiver, LogBuilder.artificialRotate("binlog.000002", position: 99))
        fails("differs from", &receiver, LogBuilder.event(15, LogBuilder.formatBody(1, server: "9.9.9")))
        #expect(try receive(&receiver, log.events[2]) == .append)
    }

    @Test func acceptsAStaleChecksumOfARepetitionWithoutChecksums() throws {
        var receiver = try started(.none)
        var repeated = LogBuilder.event(15, LogBuilder.formatBody(0))
        repeated[repeated.count - 1] ^= 1
        #expect(try receive(&receiver, repeated) == .nothing)
        receiver = try started(.crc32)
        repeated = LogBuilder.event(15, LogBuilder.formatBody(1))
        repeated[repeated.count - 1] ^= 1
        fails("checksum differs", &receiver, repeated)
    }

    @Test func leavesOutMadeUpEvents() throws {
        var receiver = try started()
        for type: UInt8 in [27, 41] { #expect(try receive(&receiver, LogBuilder.event(type, zeros(13))) == .nothing) }
        #expect(try receive(&receiver, LogBuilder.event(163, LogBuilder.listBody([]), flags: 0x20)) == .nothing)
        #expect(receiver.fileSize == 127)
        let finished = receiver.finish()
        #expect(finished?.gtids.isEmpty == true)
    }

    @Test func leavesOutMariaDBsStartOfEncryption() throws {
        var receiver = BinlogReceiver(flavor: .mariadb)
        var log = LogBuilder()
        log.addFormat(server: "11.4.2-MariaDB")
        log.add(164, zeros(17), flags: 0x80)
        log.add(163, LogBuilder.listBody([]))
        log.add(162, LogBuilder.mariadbGTIDBody(0, 1))
        _ = try receive(&receiver, LogBuilder.artificialRotate("mysql-bin.000001"))
        var actions = try log.events.prefix(2).map { try receive(&receiver, $0) }
        // No second gap: the list again, as if another 40 bytes were left out.
        fails("missing or moved", &receiver, LogBuilder.event(163, LogBuilder.listBody([]), position: 127 + 80 + 29))
        actions += try log.events.suffix(2).map { try receive(&receiver, $0) }
        #expect(actions == [.append, .nothing, .append, .append])
        #expect(receiver.sourcePosition == UInt64(log.bytes.count) && receiver.fileSize + 40 == receiver.sourcePosition)
        let kept = BinlogReceiver.magic + log.events[0] + log.events[2] + log.events[3]
        let last = receiver.finish()
        let finished = try #require(last)
        #expect(try finished.gtids == scan(kept, .mariadb).gtids && finished.size == UInt64(kept.count))
    }

    @Test func refusesEventsBeforeAFile() {
        var receiver = BinlogReceiver(flavor: .mysql)
        for event in log(1).events { fails("before any file's name", &receiver, event) }
        let finished = receiver.finish()
        #expect(finished == nil)
    }

    @Test func refusesUnsafeNames() throws {
        var receiver = BinlogReceiver(flavor: .mysql)
        for checksum in ChecksumAlgorithm.allCases {
            for name in ["", "/etc/passwd", "../binlog.000001", "a/b.000001", "binlog"] {
                let rotate = LogBuilder.artificialRotate(name, checksum: checksum)
                fails("is not a binary log's file name", &receiver, rotate)
            }
        }
        var damaged = LogBuilder.artificialRotate("binlog.000001")
        damaged[damaged.count - 1] ^= 1
        fails("is not a binary log's file name", &receiver, damaged)
    }

    @Test func refusesDamagedEvents() throws {
        let event = log(1).events[1]
        var receiver = try started()
        for index in event.indices {
            var damaged = event
            damaged[index] ^= 0xFF
            fails("", &receiver, damaged)
        }
        for count in 0..<event.count { fails("", &receiver, Array(event.prefix(count))) }
        fails("bytes came", &receiver, event + [0])
        #expect(try receive(&receiver, event) == .append)
    }

    @Test func refusesGapsAndRepetitions() throws {
        let log = log(1)
        var receiver = try started()
        fails("events are missing or moved", &receiver, log.events[2])
        #expect(try receive(&receiver, log.events[1]) == .append)
        fails("events are missing or moved", &receiver, log.events[1])
        fails("there is a second format description", &receiver, log.events[0])
        fails("has no position", &receiver, LogBuilder.event(2, zeros(30)))
        #expect(try receive(&receiver, log.events[2]) == .append)
    }

    @Test func refusesFilesWithoutAStart() throws {
        var receiver = BinlogReceiver(flavor: .mysql)
        _ = try receive(&receiver, LogBuilder.artificialRotate("binlog.000001"))
        fails("not a format description", &receiver, log(1).events[1])
        fails("the file got no event", &receiver, LogBuilder.artificialRotate("binlog.000002"))
        let finished = receiver.finish()
        #expect(finished == nil)
    }

    @Test func refusesTheOtherFlavor() throws {
        var receiver = BinlogReceiver(flavor: .mariadb)
        _ = try receive(&receiver, LogBuilder.artificialRotate("binlog.000001"))
        _ = try receive(&receiver, log(1).events[0])
        fails("of a mysql server", &receiver, log(1).events[1])
    }

    @Test func survivesGarbage() throws {
        var noise = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            var receiver = try started(.none)
            let garbage = noise.bytes(upTo: 200)
            _ = try? receive(&receiver, garbage)
            var empty = BinlogReceiver(flavor: .mysql)
            #expect(throws: Failure.self) { try receive(&empty, garbage) }
        }
    }
}
