import Binlog
import GTID
import Testing

/// Bytes that real servers wrote: MySQL 9.7.4 and MariaDB 10.11.19.
@Suite struct RealEventTests {
    private let uuid = "46d43138-e65b-11f1-b648-02fc00000001"

    @Test func readsAMySQLFileWithTaggedPreviousGTIDs() throws {
        let summary = try scan(
            hex(
                """
                fe62696ebfbd026b0f0b0000007b0000007f00000000000400392e372e342d3200000000000000000000000000000000
                0000000000000000000000000000000000000000000000000000000000000013000d0008000000000400040000006300
                041a08000000000000020000000a0a0a2a2a001234000a2800000109f91171bfbd026b230b000000fa00000079010000
                8000010500000000000146d43138e65b11f1b64802fc0000000100010000000000000001000000000000000700000000
                00000046d43138e65b11f1b64802fc000000010a6d797461670100000000000000010000000000000004000000000000
                0046d43138e65b11f1b64802fc000000010e6f746865725f320100000000000000010000000000000002000000000000
                00aaaaaaaabbbbccccddddeeeeeeeeeeee0001000000000000004d000000000000004e00000000000000aaaaaaaabbbb
                ccccddddeeeeeeeeeeee047a7a0100000000000000000084e2506ce67c010084e2506ce67c527bc26cbfbd026b040b00
                00002c000000a50100000000040000000000000062696e6c6f672e303030303035a96de8d6
                """
            )
        )
        let other = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:77:zz:9000000000000000000"
        #expect(summary.previous.description == "\(uuid):1-6:mytag:1-3:other_2:1,\(other)")
        #expect(summary.gtids.isEmpty && summary.serverIDs.isEmpty && summary.anonymousCount == 0)
        #expect(summary.serverVersion == "9.7.4-2" && summary.checksum == .crc32 && summary.size == 421)
        #expect(summary.endsCleanly)
    }

    @Test func readsAMariaDBFile() throws {
        let summary = try scan(
            hex(
                """
                fe62696ebfbd026b0f15000000fc000000000100000000040031302e31312e31392d4d6172696144422d302b64656231
                3275312d6c6f6700000000000000000000000000000000000000000000000013380d000800120004040404120000e400
                041a08000000080808020000000a0a0a0000000000000a0a0a0000000000000000000000000000000000000000000000
                000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                041304000d0808080a0a0a0166f01c20bfbd026ba3150000004b0000004b010000000003000000070000001500000001
                000000000000000000000015000000040000000000000000000000210000000500000000000000fb847ef4bfbd026ba1
                150000002b000000760100000000100000006d7973716c2d62696e2e303030303031ab1b7e12bfbd026ba2150000002a
                000000a001000008000600000000000000000000000c000000000000a9db4bf4bfbd026b051500000020000000c00100
                000000020500000000000000232c1ce3bfbd026b02150000006100000021020000000004000000000000000000001a00
                000000000101000020540000000006037374640421002100080000696e7365727420696e746f20742e61287629207661
                6c756573282761667465722729d3c072a8bfbd026b10150000001f0000004002000000000c000000000000005c728116
                """
            ),
            .mariadb
        )
        #expect(summary.previous.description == "0-33-5,7-21-1")
        #expect(summary.gtids.description == "0-21-6..6")
        #expect(summary.serverIDs == [21] && !summary.endsCleanly)
        #expect(summary.serverVersion == "10.11.19-MariaDB-0+deb12u1-log")
    }

    @Test func readsGTIDEvents() throws {
        let plain = hex("0146d43138e65b11f1b64802fc0000000101000000000000000200000000000000000100000000000000")
        #expect(try plain.withUnsafeBytes { try MySQLGTID(gtidBody: $0) }.description == "\(uuid):1")
        let tagged = hex(
            """
            0270000000028c510362709903b622c503d9029004f103000000020404060a6d7974616708080a100c7f43bace93da60
            061059041283120b
            """
        )
        #expect(try tagged.withUnsafeBytes { try MySQLGTID(taggedBody: $0) }.description == "\(uuid):mytag:1")
        let large = hex(
            """
            029000000002a902a902a902a902ed02ed023103310375037503b903b903b903b903b903b90304ff000008c5a1d8ccf9
            06047a7a08040a140c7f26dace93da60061099041283120b
            """
        )
        #expect(
            try large.withUnsafeBytes { try MySQLGTID(taggedBody: $0) }.description
                == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:zz:9000000000000000000"
        )
        let maria = hex("f401000000000000070000000c000000000000")
        #expect(try maria.withUnsafeBytes { try MariaDBGTID(gtidBody: $0, server: 21) }.description == "7-21-500")
        #expect(throws: (any Error).self) { try maria.withUnsafeBytes { try MySQLGTID(gtidBody: $0) } }
    }
}
