import Binlog
import Failures
import GTID
import Testing

@Suite struct BinlogFrameTests {
    private func fails(_ reason: String, _ bytes: [UInt8], _ flavor: GTIDFlavor = .mysql) {
        let failure = #expect(throws: Failure.self) { try scan(bytes, flavor) }
        #expect(failure?.class == .integrity)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
    }

    @Test func refusesWhatIsNotABinaryLog() {
        fails("offset 0: the file is too short", [0xFE, 0x62])
        fails("offset 0: this is not a binary log", Array("hello world".utf8))
        fails("offset 0: the binary log is encrypted", [0xFD, 0x62, 0x69, 0x6E] + zeros(600))
        fails("offset 4: the file has no event", BinlogReceiver.magic)
        #expect(throws: Failure.self) { try BinlogSummary.scan(path: "/nowhere/binlog.000001", flavor: .mysql) }
        #expect(throws: Failure.self) { try BinlogSummary.scan(path: "/", flavor: .mysql) }
    }

    @Test func refusesWrongFrames() {
        var log = LogBuilder()
        log.add(2, zeros(30))
        fails("offset 4: the first event is not a format description", log.bytes)
        log = LogBuilder()
        log.addFormat(version: 3)
        fails("offset 4: the binlog version is 3", log.bytes)
        log = LogBuilder()
        log.addFormat()
        log.addFormat()
        fails("offset 127: there is a second format description", log.bytes)
        for length: UInt32 in [0, 18, 0x7FFF_FFFF, .max] {
            log = LogBuilder()
            log.addFormat()
            log.append(LogBuilder.event(2, zeros(30), length: length))
            fails("offset 127: the event's length is \(length), which is out of range", log.bytes)
        }
        log = LogBuilder()
        log.addFormat()
        log.append(LogBuilder.event(2, zeros(30), length: 1 << 30))
        fails("and 53 are left: it is cut short", log.bytes)
        log = LogBuilder()
        log.addFormat()
        log.append(LogBuilder.event(2, zeros(1), checksum: .none))
        fails("no room for its checksum", log.bytes)
    }

    @Test func refusesWrongPositionsAndTypes() throws {
        var log = LogBuilder()
        log.addFormat()
        log.append(LogBuilder.event(2, zeros(30), position: 999))
        fails("the event ends at 180 and its header says 999", log.bytes)
        log = LogBuilder()
        log.addFormat()
        log.append(LogBuilder.event(2, zeros(30), position: 0))
        #expect(try scan(log.bytes).size == 180)
        for type: UInt8 in [0, 43, 159, 173, 255] {
            log = LogBuilder()
            log.addFormat()
            log.add(type, zeros(30), flags: 0x80)
            #expect(try scan(log.bytes).size == 180)
            log.add(type, zeros(30))
            fails("offset 180: the event's type is \(type), which is unknown", log.bytes)
        }
    }

    @Test func refusesGTIDsOfTheOtherFlavor() {
        var log = LogBuilder()
        log.addFormat()
        log.add(35, zeros(8))
        fails("offset 127: the event's GTIDs are of a mysql server", log.bytes, .mariadb)
        log = LogBuilder()
        log.addFormat()
        log.add(162, LogBuilder.mariadbGTIDBody(0, 1))
        fails("offset 127: the event's GTIDs are of a mariadb server", log.bytes)
    }

    @Test func refusesMalformedBodies() {
        for type: UInt8 in [33, 35, 42] {
            var log = LogBuilder()
            log.addFormat()
            log.add(type, zeros(3))
            fails("offset 127: ", log.bytes)
        }
        for type: UInt8 in [162, 163] {
            var log = LogBuilder()
            log.addFormat(server: "11.4.2-MariaDB")
            log.add(type, zeros(3))
            fails("offset 127: ", log.bytes, .mariadb)
        }
    }

    @Test func tellsMariaDBsEncryptionFromItsCopies() throws {
        var log = LogBuilder()
        log.addFormat(server: "11.4.2-MariaDB")
        log.add(164, zeros(17))
        fails("offset 127: the binary log is encrypted", log.bytes + zeros(100), .mariadb)
        // Left out, as a receiver does: the positions are ahead from then on.
        var copy = LogBuilder()
        copy.addFormat(server: "11.4.2-MariaDB")
        copy.append(LogBuilder.event(163, LogBuilder.listBody([]), position: UInt32(127 + 40 + 29)))
        copy.append(LogBuilder.event(162, LogBuilder.mariadbGTIDBody(0, 3), position: UInt32(127 + 40 + 29 + 42)))
        #expect(try scan(copy.bytes, .mariadb).gtids.description == "0-1-3..3")
        copy.append(LogBuilder.event(162, LogBuilder.mariadbGTIDBody(0, 4), position: UInt32(127 + 29 + 42 + 42)))
        fails("offset 198: the event ends at 240 and its header says 240", copy.bytes, .mariadb)
    }
}
