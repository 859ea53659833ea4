import Failures
import Foundation
import GTID
import Progress
import TestSupport
import Testing

@testable import Database
@testable import Dorsal

@Suite("Plans, relay logs and summaries of restores")
struct RestorePlanTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("A plan says what is read, where it ends, and what the peers hold")
    func lines() throws {
        let sample = PeerSample(
            executed: try mysqlSet("1-130"),
            received: nil,
            purged: try mysqlSet(""),
            serverIDs: [2]
        )
        let refused = Failure(.database, "no server answers", cause: "refused (111)")
        let plan = RestorePlan.sample(
            try .sample(),
            peers: [
                PeerProbe(peer: .two, result: .success(sample)), PeerProbe(peer: .three, result: .failure(refused)),
            ]
        )
        let expected = [
            "backup      20261122T094058Z-1f3a9c of orders, 9.7.4-2",
            "package     /backup/orders/20261122T094058Z-1f3a9c/package.tar.gz, 4.0 KiB",
            "unpacked    2.0 MiB in 1 files",
            "data        \(UUIDs.one):1-100",
            "binary logs 2, reaching \(UUIDs.one):1-120",
            "into        /var/lib/mysql, option file /etc/orders.cnf",
            "server      /usr/sbin/mysqld 9.7.4",
            "temporary server-id 100003306",
            "peer        db2:3306 reaches \(UUIDs.one):1-130",
            "peer        db3:3306 not reached: refused (111)",
        ]
        #expect(plan.lines == expected)
    }

    @Test("A rejoining server logs where the instance logs, quietly and under the temporary id")
    func rejoinOptions() throws {
        let options = RestorePlan.sample(try .sample()).rejoinOptions
        for option in [
            "--log-bin=/var/lib/mysql/bin", "--log-bin-index=/var/lib/mysql/bin.index", "--server-id=100003306",
            "--skip-networking", "--super-read-only=ON", "--log-replica-updates=ON",
        ] {
            #expect(options.contains(option), "\(option)")
        }
        #expect(!options.contains("--skip-log-bin"))
    }

    @Test("Only binary logs that hold something new are replayed")
    func needed() throws {
        let logs: [Manifest.BinlogRecord] = [
            try .sample("bin.000001", "", "1-50"), try .sample("bin.000002", "1-50", "51-90"),
            try .sample("bin.000003", "1-90", "91-120"), try .sample("bin.000004", "1-120", ""),
        ]
        let relayLogs = RelayLogs(plan: .sample(try .sample(data: "1-60", binlogs: logs)))
        #expect(relayLogs.needed(from: nil).map(\.name) == ["bin.000002", "bin.000003", "bin.000004"])
        #expect(relayLogs.needed(from: "bin.000003").map(\.name) == ["bin.000003", "bin.000004"])
        #expect(relayLogs.needed(from: "bin.000009").map(\.name).first == "bin.000002")
        #expect(RelayLogs(plan: .sample(try .sample(data: "1-120", binlogs: logs))).needed(from: nil).isEmpty)
    }

    @Test("Binary logs become relay logs, listed in their index; those of an earlier run go")
    func relayLogs() throws {
        let data = self.folder.path("data")
        try self.folder.write("old", to: "data/replay-restore.000009")
        for name in ["bin.000001", "bin.000002"] {
            try self.folder.write(name, to: "data.dorsal-restore/unpacked/binlog/\(name)")
        }
        var configuration = Configuration.sample(data: data)
        configuration.instance.osUser = "root"
        let plan = RestorePlan.sample(try .sample(dataDirectory: data), configuration)
        let relayLogs = RelayLogs(plan: plan)
        try relayLogs.put(plan.manifest.binlogs)
        #expect(relayLogs.firstFile == "./replay-restore.000001")
        let names = try FileManager.default.contentsOfDirectory(atPath: data).sorted()
        #expect(names == ["replay-restore.000001", "replay-restore.000002", "replay-restore.index"])
        let read = { (name: String) in try String(contentsOfFile: "\(data)/\(name)", encoding: .utf8) }
        #expect(try read("replay-restore.index") == "./replay-restore.000001\n./replay-restore.000002\n")
        #expect(try read("replay-restore.000002") == "bin.000002")
        try FileManager.default.removeItem(atPath: "\(data).dorsal-restore")
        let failure = try #require(throws: Failure.self) { try relayLogs.put(plan.manifest.binlogs) }
        #expect(failure.class == .storage)
    }

    @Test("Data that holds less than its manifest promises is refused")
    func checkData() throws {
        let replay = Replay(plan: .sample(try .sample()), log: Telling().log)
        try replay.checkData(try mysqlSet("1-105"))
        let failure = try #require(throws: Failure.self) { try replay.checkData(try mysqlSet("1-99")) }
        #expect(failure.class == .integrity)
        #expect(failure.cause?.hasPrefix("missing: \(UUIDs.one):100;") == true)
    }

    @Test("Summaries have the names that programs rely on")
    func summaries() throws {
        let proof = Proof(expected: try mysqlSet("1-10"), executed: try mysqlSet("1-9"), serverUUID: "u")
        let summary = RestoreSummary(
            backup: "b",
            layout: RestorePlan.sample(try .sample()).layout,
            proof: proof,
            peers: [PeerOutcome(peer: .two, sampled: nil, cause: "down")],
            temporaryServerID: 7,
            movedAside: nil,
            warnings: ["w"],
            seconds: ["catchUp": 1.5]
        )
        #expect(
            JSONLines.encode(summary)
                == #"{"backup":"b","data_dir":"/var/lib/mysql","gtid":{"executed":"\#(UUIDs.one):1-9","#
                + #""expected":"\#(UUIDs.one):1-10","extra":"","missing":"\#(UUIDs.one):10"},"#
                + #""option_file":"/etc/orders.cnf","seconds":{"catchUp":1.5},"server_uuid":"u","#
                + #""sources":[{"cause":"down","channel":"source-2","host":"db2","id":2,"port":3306,"reached":false}],"#
                + #""temporary_server_id":7,"type":"summary","warnings":["w"]}"#
        )
        let backup = BackupSummary(try .sample(), local: .local("/p"), s3: nil, warnings: [], seconds: [:])
        #expect(
            JSONLines.encode(backup)
                == #"{"engine":"clone","gtid":{"binlog":"\#(UUIDs.one):1-120","data":"\#(UUIDs.one):1-100"},"#
                + #""id":"20261122T094058Z-1f3a9c","instance":"orders","#
                + #""package":{"bytes":4096,"local":"/p/orders/20261122T094058Z-1f3a9c/package.tar.gz","#
                + #""sha1":"a1","sha256":"a2"},"#
                + #""seconds":{},"type":"summary","warnings":[]}"#
        )
    }
}
