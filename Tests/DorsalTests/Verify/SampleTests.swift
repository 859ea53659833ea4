import Foundation
import Testing

@testable import Dorsal

@Suite("Samples of backups")
struct SampleTests {
    private func backups(_ count: Int, last: (Int) -> Date? = { _ in nil }) throws -> [(id: BackupID, last: Date?)] {
        try (0..<count).map { (id: try BackupID("20261122T\(100_000 + $0)Z-000000"), last: last($0)) }
    }

    @Test(
        "A share is rounded up, and is one at least",
        arguments: [(1, 5.0, 1), (20, 5, 1), (21, 5, 2), (100, 5, 5), (100, 0.5, 1), (10, 100, 10), (0, 5, 0)]
    )
    func count(_ count: Int, _ percent: Double, _ expected: Int) throws {
        #expect(Sample(percent: percent, of: try self.backups(count), seed: 1).chosen.count == expected)
    }

    @Test("One seed makes one choice; others make others")
    func seeds() throws {
        let backups = try self.backups(50)
        let first = Sample(percent: 10, of: backups, seed: 7).chosen
        #expect(Sample(percent: 10, of: backups.reversed(), seed: 7).chosen == first)
        #expect(first == first.sorted())
        let others = (0..<20).filter { Sample(percent: 10, of: backups, seed: $0).chosen != first }
        #expect(others.count > 15)
    }

    @Test("Those come first that never were read back, then those for which it is longest ago")
    func leastRecent() throws {
        let backups = try self.backups(10) { $0 < 2 ? nil : Date(timeIntervalSince1970: Double(1000 - $0)) }
        let two = Sample(percent: 20, of: backups, seed: 3).chosen
        #expect(two == [backups[0].id, backups[1].id])
        let three = Sample(percent: 30, of: backups, seed: 3).chosen
        #expect(three == [backups[0].id, backups[1].id, backups[9].id])
    }

    @Test("Shares as people write them", arguments: [("5%", 5.0), ("0.5%", 0.5), ("100%", 100)])
    func percent(_ text: String, _ expected: Double) { #expect(VerifyOptions.percent(text) == expected) }

    @Test("What is no share", arguments: ["", "5", "%", "0%", "101%", "-5%", "5 %", "1e1%", "five%", "5%%"])
    func noPercent(_ text: String) { #expect(VerifyOptions.percent(text) == nil) }
}
