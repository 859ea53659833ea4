import Failures
import GTID
import Testing

@Suite struct MariaDBGTIDSetTests {
    private func set(_ text: String) throws -> MariaDBGTIDSet { try MariaDBGTIDSet(parsing: text) }

    @Test func readsPositions() throws {
        let position = try set("2-2-7, 0-1-100 \n")
        #expect(position.description == "0-1-100,2-2-7")
        #expect(position.count == 107)
        #expect(position.position(of: 0) == MariaDBGTID(domain: 0, server: 1, sequence: 100))
        #expect(position.position(of: 1) == nil)
        #expect(position.contains(MariaDBGTID(domain: 2, server: 9, sequence: 1)))
        #expect(!position.contains(MariaDBGTID(domain: 2, server: 2, sequence: 8)))
        #expect(try set("").isEmpty)
        #expect(try set(" ,\n").isEmpty)
        #expect(try set("0-1-0").isEmpty)
        #expect(try set("4294967295-4294967295-9223372036854775807").count == Int64.max)
    }

    @Test func takesTheHighestOfADomain() throws {
        #expect(try set("0-33-5,0-21-10,7-21-500").description == "0-21-10,7-21-500")
        #expect(try set("0-21-10,0-33-5").description == "0-21-10")
    }

    @Test func printsAndReadsIntervals() throws {
        let missing = try set("0-2-100,1-1-5").subtracting(set("0-1-50,1-9-5"))
        #expect(missing.description == "0-2-51..100")
        #expect(try set(missing.description) == missing)
        #expect(missing.positionText == "0-2-100")
        #expect(missing.count == 50)
        let holes = try set("0-1-3,0-1-7..7,0-4-9..12,3-3-3")
        #expect(holes.description == "0-4-3,0-4-7..7,0-4-9..12,3-3-3")
        #expect(holes.positionText == "0-4-12,3-3-3")
    }

    @Test func ignoresServersInTheAlgebra() throws {
        #expect(try set("0-1-5") == set("0-2-5"))
        #expect(try set("0-1-5").hashValue == set("0-2-5").hashValue)
        #expect(try set("0-1-5") != set("1-1-5"))
        #expect(try set("0-1-5") != set("0-1-5,1-1-5"))
        #expect(try set("0-1-5").contains(set("0-2-4")))
        #expect(try !set("0-1-5").contains(set("0-1-6")))
        #expect(try set("0-1-5").subtracting(set("0-2-5")).isEmpty)
        #expect(try set("0-1-5").union(set("0-2-9")).description == "0-2-9")
        #expect(try set("0-2-9").union(set("0-1-5")).description == "0-2-9")
        #expect(try set("0-2-9").intersection(set("0-1-5,4-4-4")).description == "0-1-5")
        #expect(try set("0-1-5").intersection(set("0-2-9")).description == "0-1-5")
    }

    @Test func insertsOneByOne() throws {
        var read = MariaDBGTIDSet()
        for sequence in Int64(6)...10 { read.insert(MariaDBGTID(domain: 0, server: 21, sequence: sequence)) }
        read.insert(MariaDBGTID(domain: 7, server: 21, sequence: 500))
        read.insert(MariaDBGTID(domain: 0, server: 33, sequence: 2))
        #expect(read.description == "0-21-2..2,0-21-6..10,7-21-500..500")
        read.insert(upTo: MariaDBGTID(domain: 0, server: 33, sequence: 5))
        #expect(read.position(of: 0)?.description == "0-21-10")
        #expect(read.positionText == "0-21-10,7-21-500")
    }

    @Test(arguments: [
        ("x", "a domain is missing at offset 0: 'x'"),
        ("0", "a hyphen is expected at offset 1: ''"),
        ("0-1", "a hyphen is expected at offset 3: ''"),
        ("0-1-", "a sequence number is missing at offset 4: ''"),
        ("4294967296-1-1", "a domain is out of range at offset 0"),
        ("0-4294967296-1", "a server id is out of range at offset 2"),
        ("0-1-9223372036854775808", "a sequence number is out of range at offset 4"),
        ("0--1-5", "a server id is missing at offset 2: '-1-5'"),
        ("0-1-5 0-1-6", "a comma is expected at offset 6: '0-1-6'"),
        ("0-1-5.9", "two dots are expected at offset 6: '9'"),
        ("0-1-5..", "an interval's end is missing at offset 7: ''"),
        ("0-1-5..4", "an interval ends before it starts at offset 4: '5..4'"),
        ("0-1-0..4", "an interval ends before it starts at offset 4: '0..4'"),
        ("0-1-5,3e11fa47-71ca-11e1-9e33-c80aa9429562:1", "a hyphen is expected at offset 7: 'e11fa47"),
    ])
    func namesWhatIsWrong(_ text: String, _ reason: String) {
        let failure = #expect(throws: Failure.self) { try MariaDBGTIDSet(parsing: text) }
        #expect(failure?.class == .integrity)
        #expect(failure?.message.hasPrefix("not a MariaDB GTID set: \(reason)") == true)
    }
}
