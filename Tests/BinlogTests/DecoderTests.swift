import Binlog
import Failures
import GTID
import Testing

@Suite struct DecoderTests {
    private let uuid = Array(UInt8(0)..<8) + Array(UInt8(0xF8)...0xFF)
    private let name = "00010203-0405-0607-f8f9-fafbfcfdfeff"

    private func tagged(_ body: [UInt8]) throws -> MySQLGTID {
        try body.withUnsafeBytes { try MySQLGTID(taggedBody: $0) }
    }
    private func plain(_ body: [UInt8]) throws -> MySQLGTID { try body.withUnsafeBytes { try MySQLGTID(gtidBody: $0) } }
    private func previous(_ body: [UInt8]) throws -> MySQLGTIDSet {
        try body.withUnsafeBytes { try MySQLGTIDSet(previousGTIDsBody: $0) }
    }

    private func list(_ body: [UInt8]) throws -> MariaDBGTIDSet {
        try body.withUnsafeBytes { try MariaDBGTIDSet(gtidListBody: $0) }
    }
    private func rotate(_ body: [UInt8]) throws -> RotateEvent {
        try body.withUnsafeBytes { try RotateEvent(body: $0) }
    }

    private func fails(_ reason: String, _ body: () throws -> Void) {
        let failure = #expect(throws: Failure.self) { try body() }
        #expect(failure?.class == .integrity)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
    }

    @Test func readsNumbersOfEveryLength() throws {
        var numbers = (0..<63).map { Int64(1) << $0 } + (1..<63).map { (Int64(1) << $0) - 1 }
        numbers.append(MySQLGTID.maximumSequence)
        for number in numbers {
            #expect(try tagged(LogBuilder.taggedBody(uuid, "t_1", number)).description == "\(name):t_1:\(number)")
            #expect(try plain(LogBuilder.gtidBody(uuid, number)).description == "\(name):\(number)")
        }
        #expect(try tagged(LogBuilder.taggedBody(uuid, "", 9)).description == "\(name):9")
    }

    @Test func refusesMalformedGTIDs() {
        let good = LogBuilder.taggedBody(uuid, "tag", 5)
        for count in 0..<good.count { fails("") { _ = try tagged(Array(good.prefix(count))) } }
        fails("size") { _ = try tagged(good + [0]) }
        fails("version is 2") { _ = try tagged(LogBuilder.taggedBody(uuid, "tag", 5, version: 2)) }
        fails("out of range") { _ = try tagged(LogBuilder.taggedBody(uuid, "tag", 0)) }
        fails("tag of 3 bytes") { _ = try tagged(LogBuilder.taggedBody(uuid, "a-b", 5)) }
        fails("tag of 33 bytes") { _ = try tagged(LogBuilder.taggedBody(uuid, String(repeating: "a", count: 33), 5)) }
        fails("out of range") { _ = try plain(LogBuilder.gtidBody(uuid, 0)) }
        fails("out of range") { _ = try plain(LogBuilder.gtidBody(uuid, .max)) }
        fails("8 bytes are expected and 7 are left") { _ = try plain(Array(LogBuilder.gtidBody(uuid, 7).prefix(24))) }
        for body in [LogBuilder.mariadbGTIDBody(0, 0), LogBuilder.mariadbGTIDBody(0, .max), zeros(12)] {
            fails("") { _ = try body.withUnsafeBytes { try MariaDBGTID(gtidBody: $0, server: 1) } }
        }
    }

    @Test func refusesFieldsOutOfOrder() {
        var body = LogBuilder.taggedBody(uuid, "tag", 5)
        body[5] = LogBuilder.variable(2)[0]
        fails("field 2 is found and field 1 expected") { _ = try tagged(body) }
    }

    @Test func readsPreviousGTIDs() throws {
        let intervals = little(UInt64(2)) + little(Int64(1)) + little(Int64(4)) + little(Int64(9)) + little(Int64(10))
        #expect(try previous(zeros(8)).isEmpty)
        #expect(try previous(little(UInt64(1)) + uuid + intervals).description == "\(name):1-3:9")
        let head = little(UInt64(1) << 56 | 2 << 8 | 1)
        let body = head + uuid + [0] + intervals + uuid + LogBuilder.variable(1) + [UInt8(ascii: "x")] + intervals
        #expect(try previous(body).description == "\(name):1-3:9:x:1-3:9")
        for count in 0..<body.count { fails("") { _ = try previous(Array(body.prefix(count))) } }
    }

    @Test func refusesMalformedPreviousGTIDs() {
        func set(_ start: Int64, _ end: Int64) -> [UInt8] {
            little(UInt64(1)) + uuid + little(UInt64(1)) + little(start) + little(end)
        }
        fails("out of order") { _ = try previous(set(0, 5)) }
        fails("out of order") { _ = try previous(set(5, 5)) }
        fails("out of order") { _ = try previous(set(-3, 5)) }
        let touching = little(UInt64(2)) + little(Int64(1)) + little(Int64(4)) + little(Int64(4)) + little(Int64(5))
        fails("out of order") { _ = try previous(little(UInt64(1)) + uuid + touching) }
        fails("1 bytes are left") { _ = try previous(set(1, 5) + [0]) }
        fails("format is 2") { _ = try previous(little(UInt64(2) << 56)) }
        fails("do not fit") { _ = try previous(little(UInt64(1)) + uuid + little(UInt64.max)) }
        fails("left in the event") { _ = try previous(little(UInt64.max >> 8)) }
    }

    @Test func readsGTIDLists() throws {
        #expect(try list(LogBuilder.listBody([])).isEmpty)
        let body = LogBuilder.listBody([(0, 33, 5), (7, 21, 500), (0, 21, 10), (9, 1, 0)])
        #expect(try list(body).description == "0-21-10,7-21-500")
        var flagged = LogBuilder.listBody([(0, 33, 5)])
        flagged[3] |= 0xF0
        #expect(try list(flagged).description == "0-33-5")
        for count in 0..<body.count { fails("") { _ = try list(Array(body.prefix(count))) } }
        fails("out of range") { _ = try list(LogBuilder.listBody([(0, 1, .max)])) }
        fails("1 bytes are left") { _ = try list(LogBuilder.listBody([(0, 1, 1)]) + [0]) }
        fails("left in the event") { _ = try list(little(UInt32(0x0FFF_FFFF)) + zeros(16)) }
    }

    @Test func readsRotations() throws {
        let rotation = try rotate(LogBuilder.rotateBody("büro-log.000007", position: 1 << 40))
        #expect(rotation.fileName == "büro-log.000007" && rotation.position == 1 << 40)
        let wrong = [
            "", "/etc/x.1", "../x.1", "a/b.000001", "log", "log.", ".000001", "log.00000a", "log\n.1", "l\0.1",
        ]
        for name in wrong {
            fails("is not a binary log's file name") { _ = try rotate(LogBuilder.rotateBody(name)) }
        }
        let long = String(repeating: "x", count: 254) + ".1"
        fails("not a binary log's") { _ = try rotate(LogBuilder.rotateBody(long)) }
        fails("not a binary log's") { _ = try rotate(little(UInt64(4)) + [0xFF, 0xFE] + Array("log.000001".utf8)) }
        fails("8 bytes are expected") { _ = try rotate(zeros(7)) }
    }

    @Test func readsFormats() throws {
        func format(_ body: [UInt8]) throws -> FormatDescription {
            try LogBuilder.event(15, body).withUnsafeBytes { try FormatDescription(event: $0) }
        }
        let good = try format(LogBuilder.formatBody(1, server: "8.4.0-log"))
        #expect(good.serverVersion == "8.4.0-log" && good.checksum == .crc32 && good.postHeaderLengths.count == 42)
        #expect(try format(LogBuilder.formatBody(0)).checksum == .none)
        fails("binlog version is 3") { _ = try format(LogBuilder.formatBody(1, version: 3)) }
        fails("header length is 20") { _ = try format(LogBuilder.formatBody(1, headerLength: 20)) }
        fails("algorithm is 255") { _ = try format(LogBuilder.formatBody(255)) }
        for count in 0..<57 { fails("") { _ = try format(Array(LogBuilder.formatBody(1).prefix(count))) } }
    }
}
