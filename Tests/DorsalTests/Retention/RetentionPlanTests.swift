import Foundation
import Testing

@testable import Dorsal

@Suite("Which backups stay")
struct RetentionPlanTests {
    private typealias Policy = Configuration.Retention.Policy

    /// An id from a time such as `20261122T094058`, with the suffix that orders two of one second.
    private static func id(_ time: String, _ suffix: String = "000000") throws -> BackupID {
        try BackupID("\(time.count == 8 ? time + "T020000" : time)Z-\(suffix)")
    }

    private static func plan(_ policy: Configuration.Retention.Policy, _ times: [String]) throws -> RetentionPlan {
        RetentionPlan(policy, try times.map { try self.id($0) })
    }

    /// What stays, as the times of its ids.
    private static func kept(_ policy: Configuration.Retention.Policy, _ times: [String]) throws -> [String] {
        try self.plan(policy, times).kept.map { String($0.id.description.prefix(times[0].count)) }
    }

    @Test("The newest so many")
    func last() throws {
        let days = ["20261118", "20261119", "20261120", "20261121"]
        #expect(try Self.kept(Policy(keepLast: 2), days) == ["20261121", "20261120"])
        #expect(try Self.kept(Policy(keepLast: 9), days).count == 4)
        let plan = try Self.plan(Policy(keepLast: 3), days.shuffled())
        #expect(plan.removed == [try Self.id("20261118")])
        #expect(plan.kept.map(\.reasons) == [["last 1"], ["last 2"], ["last 3"]])
    }

    @Test("The newest of each day that has one, in UTC; days without one do not count")
    func daily() throws {
        let times = [
            "20261028T235959", "20261029T000000", "20261101T010000", "20261101T230000", "20261105T120000",
            "20261105T120001",
        ]
        let kept = try Self.kept(Policy(keepDaily: 3), times)
        #expect(kept == ["20261105T120001", "20261101T230000", "20261029T000000"])
        #expect(try Self.plan(Policy(keepDaily: 1), times).kept.first?.reasons == ["daily 2026-11-05"])
    }

    @Test("Nights in which clocks are put forward or back are days like all others")
    func daylightSaving() throws {
        // Central Europe's in 2026: 29 March and 25 October, at 01:00 UTC.
        for day in ["20260329", "20261025"] {
            let times = ["00", "01", "02", "03", "22", "23"].map { "\(day)T\($0)3000" }
            #expect(try Self.kept(Policy(keepDaily: 5), times) == ["\(day)T233000"])
        }
    }

    @Test(
        "Weeks are those of ISO 8601, over the turn of the year and with a week 53",
        arguments: [
            ("20201227", "2020-W52"), ("20201228", "2020-W53"), ("20210103", "2020-W53"), ("20210104", "2021-W01"),
            ("20241230", "2025-W01"), ("20261228", "2026-W53"), ("20270103", "2026-W53"), ("20270104", "2027-W01"),
            ("20261122", "2026-W47"), ("20261123", "2026-W48"),
        ]
    )
    func weeks(_ day: String, _ week: String) throws {
        #expect(try Self.plan(Policy(keepWeekly: 1), [day]).kept.first?.reasons == ["weekly \(week)"])
    }

    @Test("The newest of each week and of each month")
    func weeklyAndMonthly() throws {
        let days = ["20201201", "20201227", "20201228", "20210101", "20210103", "20210104"]
        #expect(try Self.kept(Policy(keepWeekly: 2), days) == ["20210104", "20210103"])
        #expect(try Self.kept(Policy(keepWeekly: 3), days) == ["20210104", "20210103", "20201227"])
        #expect(try Self.kept(Policy(keepMonthly: 2), days) == ["20210104", "20201228"])
        #expect(try Self.plan(Policy(keepMonthly: 2), days).kept.last?.reasons == ["monthly 2020-12"])
    }

    @Test("What is not older than the newest by more than a duration, so that nothing goes when no backup is made")
    func within() throws {
        let times = ["20261119T015959", "20261119T020000", "20261121T020000", "20261122T020000"]
        let policy = Policy(keepWithin: .seconds(3 * 86_400))
        #expect(try Self.kept(policy, times) == ["20261122T020000", "20261121T020000", "20261119T020000"])
        #expect(try Self.plan(policy, times).kept.first?.reasons == ["within 3d"])
        #expect(try Self.kept(policy, ["20011122T020000"]) == ["20011122T020000"])
    }

    @Test("One stays when any rule keeps it, and all reasons are told")
    func union() throws {
        let days = ["20260930", "20261031", "20261120", "20261121", "20261122"]
        let plan = try Self.plan(Policy(keepLast: 1, keepDaily: 2, keepMonthly: 3), days)
        #expect(plan.removed == [try Self.id("20261120")])
        #expect(
            plan.kept.map(\.reasons) == [
                ["last 1", "daily 2026-11-22", "monthly 2026-11"], ["daily 2026-11-21"], ["monthly 2026-10"],
                ["monthly 2026-09"],
            ]
        )
    }

    @Test("Without a rule nothing goes; without a backup neither")
    func nothing() throws {
        let plan = try Self.plan(Policy(), ["20261120", "20261121"])
        #expect(plan.removed == [])
        #expect(plan.kept.map(\.reasons) == [["no rule"], ["no rule"]])
        #expect(RetentionPlan(Policy(keepLast: 1), []) == RetentionPlan(Policy(), []))
    }

    @Test("Two of one second are two, in the order of their ids")
    func oneSecond() throws {
        let ids = [try Self.id("20261122", "0a0000"), try Self.id("20261122", "f00000")]
        let plan = RetentionPlan(Policy(keepLast: 1, keepDaily: 5), ids)
        #expect(plan.removed == [ids[0]])
        #expect(plan.kept.map(\.id) == [ids[1]])
    }

    @Test("Marked ones stay, and the rules do not count them")
    func marked() throws {
        let ids = try ["20261119", "20261120", "20261121", "20261122"].map { try Self.id($0) }
        let plan = RetentionPlan(Policy(keepLast: 2), ids, marked: [ids[0], ids[3]])
        #expect(plan.removed == [])
        #expect(plan.kept.map(\.reasons) == [["marked"], ["last 1"], ["last 2"], ["marked"]])
        let tight = RetentionPlan(Policy(keepLast: 1), ids, marked: [ids[3]])
        #expect(tight.kept.map(\.id) == [ids[3], ids[2]])
    }

    @Test("Those whose time is still to come stay, and the rules do not count them")
    func ahead() throws {
        let ids = try ["20261120", "20261121", "20261122", "20300101"].map { try Self.id($0) }
        let plan = RetentionPlan(.init(keepWithin: .seconds(3600)), ids, ahead: [ids[3]])
        #expect(plan.kept.map(\.id) == [ids[3], ids[2]])
        #expect(plan.removed == [ids[1], ids[0]])
        let marked = RetentionPlan(.init(keepLast: 1), ids, marked: [ids[3]], ahead: [ids[3]])
        #expect(marked.kept.map(\.reasons) == [["marked", "time to come"], ["last 1"]])
        #expect(RetentionPlan(.init(keepLast: 1), [ids[3]], ahead: [ids[3]]).removed == [])
    }

    @Test("A clock that was far ahead or behind removes nothing by itself: the order of ids and the newest count")
    func wrongClock() throws {
        let ahead = try ["20261120", "20261121", "20991231"].map { try Self.id($0) }
        let plan = RetentionPlan(Policy(keepDaily: 3), ahead)
        #expect(plan.removed == [])
        #expect(RetentionPlan(Policy(keepWithin: .seconds(86_400)), ahead).kept.map(\.id) == [ahead[2]])
        let impossible = try BackupID("20269999T999999Z-000000")
        #expect(impossible.time == nil)
        let odd = RetentionPlan(Policy(keepDaily: 1, keepWeekly: 1, keepMonthly: 1), ahead.dropLast() + [impossible])
        #expect(odd.kept.map(\.id) == [impossible])
        #expect(RetentionPlan(Policy(keepWithin: .seconds(60)), [impossible]).kept.count == 1)
    }

    @Test("The newest always stays, whatever the rules", arguments: 0..<50)
    func newest(_ seed: Int) throws {
        var numbers = Sample.Numbers(seed: UInt64(seed))
        let ids = try (0..<Int.random(in: 1...60, using: &numbers)).map { _ in
            let date = Date(timeIntervalSince1970: Double.random(in: 1.7e9...1.8e9, using: &numbers))
            return try BackupID("\(BackupID.stamp(date))-\(100_000 + Int.random(in: 0..<9999, using: &numbers))")
        }
        func maybe() -> Int? { Bool.random(using: &numbers) ? Int.random(in: 1...8, using: &numbers) : nil }
        let policy = Policy(keepLast: maybe(), keepDaily: maybe(), keepWeekly: maybe(), keepMonthly: maybe())
        let plan = RetentionPlan(policy, ids)
        #expect(plan.kept.first?.id == ids.max())
        #expect(plan.kept.map(\.id).count + plan.removed.count == Set(ids).count)
        #expect(Set(plan.kept.map(\.id)).isDisjoint(with: plan.removed))
        // What was pruned once has nothing more to lose.
        #expect(RetentionPlan(policy, plan.kept.map(\.id)).removed == [])
        if let last = policy.keepLast { #expect(plan.kept.count >= min(last, Set(ids).count)) }
    }
}
