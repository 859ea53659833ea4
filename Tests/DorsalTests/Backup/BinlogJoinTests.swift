import Engines
import Failures
import GTID
import Testing

@testable import Dorsal

@Suite("Whether data and binary logs join up")
struct BinlogJoinTests {
    private func join(
        _ data: String,
        upper: String? = nil,
        file: String? = nil,
        _ binlogs: [Manifest.BinlogRecord]
    ) throws -> BinlogJoin {
        let boundary = DataBoundary(
            lower: try mysqlSet(data),
            upper: try mysqlSet(upper ?? data),
            binlogFile: file,
            binlogPosition: 4
        )
        return BinlogJoin(data: boundary, binlogs: binlogs)
    }

    private func failure(_ join: BinlogJoin) throws -> Failure {
        let failure = try #require(throws: Failure.self) { try join.check() }
        #expect(failure.class == .unusable)
        return failure
    }

    @Test("Logs that begin before the data's end and follow one another")
    func joined() throws {
        let logs: [Manifest.BinlogRecord] = [
            try .sample("bin.000001", "", "1-90"), try .sample("bin.000002", "1-90", "91-120"),
            try .sample("bin.000003", "1-120", ""),
        ]
        try self.join("1-100", logs).check()
        try self.join("1-100", file: "bin.000002", logs).check()
        // Exactly where the data ends, and after logs were purged that the data makes up for.
        try self.join("1-90", Array(logs.dropFirst())).check()
        try self.join("1-120", Array(logs.dropFirst(2))).check()
        // A clone holds at least the lower set.
        try self.join("1-95", upper: "1-119", logs).check()
    }

    @Test("Logs that begin after the data's end: the missing transactions are named")
    func purged() throws {
        let logs = [try Manifest.BinlogRecord.sample("bin.000002", "1-110", "111-120")]
        let failure = try self.failure(try self.join("1-100", logs))
        #expect(failure.message.contains("purged"))
        #expect(failure.cause?.contains("the oldest binary log is bin.000002") == true)
        #expect(failure.cause?.hasSuffix("missing: \(UUIDs.one):101-110") == true)
        #expect(failure.hint?.contains("binlog_expire_logs_seconds") == true)
        // What only the upper set of a clone holds may be missing from the data.
        _ = try self.failure(try self.join("1-100", upper: "1-110", logs))
    }

    @Test("The log that the data stands in has gone")
    func positionPurged() throws {
        let logs = [try Manifest.BinlogRecord.sample("bin.000002", "1-90", "91-120")]
        let failure = try self.failure(try self.join("1-100", file: "bin.000001", logs))
        #expect(failure.message.contains("purged"))
    }

    @Test("History is missing between two logs")
    func gap() throws {
        let logs: [Manifest.BinlogRecord] = [
            try .sample("bin.000001", "", "1-90"), try .sample("bin.000002", "1-95", "96-120"),
            try .sample("bin.000003", "1-120", "121"),
        ]
        // The data makes up for it, or not.
        try self.join("1-95", logs).check()
        let failure = try self.failure(try self.join("1-92", logs))
        #expect(failure.message.hasSuffix("between the binary logs bin.000001 and bin.000002"))
        #expect(failure.cause == "missing: \(UUIDs.one):93-95")
    }

    @Test("Another server's transactions count as well")
    func otherServer() throws {
        let both = "\(UUIDs.one):1-90,\(UUIDs.two):1-3"
        let logs = [try Manifest.BinlogRecord.sample("bin.000001", both, "91-95")]
        let failure = try self.failure(try self.join("1-90", logs))
        #expect(failure.cause?.hasSuffix("missing: \(UUIDs.two):1-3") == true)
        try self.join(both, logs).check()
    }

    @Test("Transactions without a GTID beyond the data cannot be told apart")
    func anonymous() throws {
        let logs = [try Manifest.BinlogRecord.sample("bin.000001", "", "1-120", anonymous: 7)]
        let failure = try self.failure(try self.join("1-100", logs))
        #expect(failure.message == "the binary log bin.000001 holds 7 transactions without a GTID")
        try self.join("1-120", logs).check()
    }

    @Test("No log at all")
    func none() throws {
        #expect(try self.failure(try self.join("1-100", [])).message == "the server sent no binary log")
    }
}
