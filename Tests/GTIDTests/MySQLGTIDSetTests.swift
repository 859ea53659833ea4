import Failures
import GTID
import Testing

@Suite struct MySQLGTIDSetTests {
    private let one = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    private let two = "46d43138-e65b-11f1-b648-02fc00000001"

    private func printed(_ text: String) throws -> String { try MySQLGTIDSet(parsing: text).description }

    @Test func printsAsTheServerDoes() throws {
        #expect(try printed("") == "")
        #expect(try printed(" \n, ,") == "")
        #expect(try printed("\(one):5") == "\(one):5")
        #expect(try printed("\(one.uppercased()):5-5") == "\(one):5")
        #expect(try printed("\(one):7-9:1-3:4-5") == "\(one):1-5:7-9")
        #expect(try printed("\(two):1-3,\n\(one):2") == "\(one):2,\(two):1-3")
        #expect(try printed("\(one):1,\(two):1,\(one):2") == "\(one):1-2,\(two):1")
        #expect(try printed(" \(one) : 1 - 3 : 5 ,\r\n\t\(two):1 ") == "\(one):1-3:5,\(two):1")
    }

    @Test func readsTags() throws {
        #expect(try printed("\(one):1-3:Tag:1:5-7:tag2:4") == "\(one):1-3:tag:1:5-7:tag2:4")
        #expect(try printed("\(one):z:1:a:2:_:3") == "\(one):_:3:a:2:z:1")
        #expect(try printed("\(one):tag:1,\(one):2,\(one):TAG:2") == "\(one):2:tag:1-2")
        let longest = String(repeating: "x", count: 32)
        #expect(try printed("\(one):\(longest):9") == "\(one):\(longest):9")
        let real = "\(two):1-9:mytag:1-4:other_2:1,\naaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:77:zz:9000000000000000000"
        #expect(try printed(real) == real.replacing("\n", with: ""))
    }

    @Test func tellsTagsApart() throws {
        let plain = try MySQLGTIDSet(parsing: "\(one):1-5")
        let tagged = try MySQLGTIDSet(parsing: "\(one):a:1-5")
        #expect(plain.intersection(tagged).isEmpty)
        #expect(!plain.contains(tagged))
        #expect(plain.union(tagged).count == 10)
        #expect(plain.subtracting(tagged) == plain)
        let uuid = try #require(ServerUUID(one))
        #expect(tagged.contains(MySQLGTID(uuid, tag: GTIDTag("A"), sequence: 5)))
        #expect(!tagged.contains(MySQLGTID(uuid, sequence: 5)))
    }

    @Test func insertsOneByOne() throws {
        let uuid = try #require(ServerUUID(two))
        var set = MySQLGTIDSet()
        for sequence in Int64(1)...100 { set.insert(MySQLGTID(uuid, sequence: sequence)) }
        set.insert(MySQLGTID(uuid, tag: GTIDTag("late"), sequence: 7))
        #expect(set.description == "\(two):1-100:late:7")
        #expect(MySQLGTID(uuid, tag: GTIDTag("late"), sequence: 7).description == "\(two):late:7")
    }

    @Test func countsPastTheLargestNumber() throws {
        let top = MySQLGTID.maximumSequence
        #expect(try MySQLGTIDSet(parsing: "\(one):1-\(top)").count == top)
        #expect(try MySQLGTIDSet(parsing: "\(one):1-\(top),\(two):1-\(top)").count == Int64.max)
    }

    @Test func knowsUUIDsAndTags() {
        #expect(ServerUUID(one.uppercased())?.description == one)
        #expect(ServerUUID(one) ?? ServerUUID(high: 0, low: 0) < ServerUUID(high: .max, low: 0))
        for wrong in ["", "3e11fa47", one + "0", one.replacing("-", with: "_"), one.replacing("f", with: "g")] {
            #expect(ServerUUID(wrong) == nil)
        }
        #expect(GTIDTag("A_9")?.description == "a_9")
        for wrong in ["", "9a", "a-b", "ä", "a b", String(repeating: "x", count: 33)] { #expect(GTIDTag(wrong) == nil) }
    }

    @Test(arguments: [
        ("x", "a server UUID is expected at offset 0: 'x'"),
        ("UUID", "an interval is missing at offset 36: ''"),
        ("UUID:", "a sequence number is missing at offset 37: ''"),
        ("UUID:0", "a sequence number is out of range at offset 37: '0'"),
        ("UUID:-1", "a sequence number is missing at offset 37: '-1'"),
        ("UUID:9223372036854775807", "a sequence number is out of range at offset 37"),
        ("UUID:99999999999999999999", "a sequence number is out of range at offset 37"),
        ("UUID:1-", "an interval's end is missing at offset 39: ''"),
        ("UUID:5-4", "an interval ends before it starts at offset 37: '5-4'"),
        ("UUID:1 2", "a comma is expected at offset 39: '2'"),
        ("UUID:1;2", "a comma is expected at offset 38: ';2'"),
        ("UUID:tag", "an interval is missing at offset 40: ''"),
        ("UUID:tag:", "a sequence number is missing at offset 41: ''"),
        ("UUID:t-g:1", "an interval is missing at offset 38: '-g:1'"),
        ("UUID:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:1", "a tag is longer than 32 characters at offset 37"),
        ("UUID:1,0-1-5", "a server UUID is expected at offset 39: '0-1-5'"),
        ("UUID:1:é", "a sequence number is missing at offset 39: 'é'"),
    ])
    func namesWhatIsWrong(_ text: String, _ reason: String) {
        let failure = #expect(throws: Failure.self) { try MySQLGTIDSet(parsing: text.replacing("UUID", with: one)) }
        #expect(failure?.class == .integrity)
        #expect(failure?.message.hasPrefix("not a MySQL GTID set: \(reason)") == true)
        #expect(failure?.hint != nil)
    }
}
