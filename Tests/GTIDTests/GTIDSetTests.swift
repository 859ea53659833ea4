import Failures
import Foundation
import GTID
import TestSupport
import Testing

@Suite struct GTIDSetTests {
    @Test(arguments: GTIDFlavor.allCases)
    func obeysTheLawsOfSets(_ flavor: GTIDFlavor) throws {
        var random = SeededGenerator(seed: 3)
        let empty = GTIDSet.empty(flavor)
        for _ in 0..<300 {
            let one = random.set(flavor)
            let two = random.set(flavor)
            let both = one.intersection(two)
            let all = one.union(two)
            let rest = one.subtracting(two)
            #expect(all.contains(one) && all.contains(two))
            #expect(all == two.union(one) && both == two.intersection(one))
            #expect(one.contains(both) && two.contains(both))
            #expect(rest.intersection(two).isEmpty)
            #expect(rest.union(both) == one)
            #expect(one.count == rest.count + both.count)
            #expect(all.count == one.count + two.count - both.count)
            #expect(one.contains(two) == two.subtracting(one).isEmpty)
            #expect(one.union(empty) == one && one.subtracting(empty) == one && one.intersection(empty) == empty)
            #expect(try GTIDSet(parsing: one.description, flavor: flavor) == one)
            #expect(try GTIDSet(parsing: rest.description, flavor: flavor) == rest)
        }
    }

    @Test func survivesJSON() throws {
        for flavor in GTIDFlavor.allCases {
            var random = SeededGenerator(seed: 4)
            let set = random.set(flavor)
            #expect(try JSONDecoder().decode(GTIDSet.self, from: JSONEncoder().encode(set)) == set)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(GTIDSet(parsing: "0-1-100", flavor: .mariadb))
        #expect(String(decoding: json, as: UTF8.self) == #"{"flavor":"mariadb","set":"0-1-100"}"#)
    }

    @Test func refusesMalformedJSON() {
        func decode(_ json: String) throws -> GTIDSet { try JSONDecoder().decode(GTIDSet.self, from: Data(json.utf8)) }
        #expect(throws: Failure.self) { try decode(#"{"flavor":"mysql","set":"0-1-100"}"#) }
        #expect(throws: Failure.self) { try decode(#"{"flavor":"mariadb","set":"0-1"}"#) }
        #expect(throws: DecodingError.self) { try decode(#"{"flavor":"oracle","set":""}"#) }
        #expect(throws: DecodingError.self) { try decode(#"{"flavor":"mysql"}"#) }
    }

    @Test func holdsSingleGTIDs() throws {
        var set = GTIDSet.empty(.mariadb)
        let gtid = GTID.mariadb(MariaDBGTID(domain: 1, server: 2, sequence: 3))
        #expect(!set.contains(gtid))
        set.insert(gtid)
        #expect(set.contains(gtid) && set.count == 1 && set.flavor == gtid.flavor && !set.isEmpty)
        #expect(gtid.description == "1-2-3")
        let mysql = GTID.mysql(MySQLGTID(ServerUUID(high: 0, low: 1), sequence: 9))
        var other = GTIDSet.empty(.mysql)
        other.insert(mysql)
        #expect(other.contains(mysql) && other.description == mysql.description)
        #expect(GTIDSet.empty(.mysql) != GTIDSet.empty(.mariadb))
    }

    @Test func staysFastWithHugeSets() throws {
        let uuid = ServerUUID(high: 1, low: 2)
        let odd = "\(uuid)" + stride(from: 1, to: 200_000, by: 2).map { ":\($0)" }.joined()
        let even = "\(uuid)" + stride(from: 2, through: 200_000, by: 2).map { ":\($0)" }.joined()
        let clock = ContinuousClock()
        var result = GTIDSet.empty(.mysql)
        let elapsed = try clock.measure {
            let one = try GTIDSet(parsing: odd, flavor: .mysql)
            let two = try GTIDSet(parsing: even, flavor: .mysql)
            #expect(one.intersection(two).isEmpty && one.subtracting(two) == one)
            result = one.union(two)
        }
        #expect(result.description == "\(uuid):1-200000")
        // Generous, because this also runs without optimization; a quadratic step would take minutes.
        #expect(elapsed < .seconds(20))
    }

    @Test(arguments: GTIDFlavor.allCases)
    func insertsInOrderWithoutCopying(_ flavor: GTIDFlavor) {
        var set = GTIDSet.empty(flavor)
        // Many intervals first: a copy for every insertion would show.
        for sequence in stride(from: Int64(1), to: 100_000, by: 2) { set.insert(self.gtid(flavor, sequence)) }
        for sequence in Int64(100_000)..<150_000 { set.insert(self.gtid(flavor, sequence)) }
        #expect(set.count == 100_000)
    }

    private func gtid(_ flavor: GTIDFlavor, _ sequence: Int64) -> GTID {
        switch flavor {
        case .mysql: .mysql(MySQLGTID(ServerUUID(high: 1, low: 2), sequence: sequence))
        case .mariadb: .mariadb(MariaDBGTID(domain: 0, server: 1, sequence: sequence))
        }
    }
}
