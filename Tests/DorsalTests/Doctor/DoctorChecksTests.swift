import Blocking
import Dispatch
import Engines
import Failures
import Foundation
import GTID
import TestSupport
import Testing

@testable import Database
@testable import Dorsal
@testable import S3

extension ServerReport {
    /// A server of which nothing is to be said.
    static func sample(
        settings: [String: String] = [:],
        grants: [String] = ["GRANT ALL PRIVILEGES ON *.* TO `dorsal`@`localhost`"],
        executed: String = "1-200"
    ) throws -> ServerReport {
        let usual = [
            "enforce_gtid_consistency": "ON", "binlog_checksum": "CRC32", "binlog_expire_logs_seconds": "2592000",
        ]
        return ServerReport(
            facts: .sample,
            settings: usual.merging(settings) { $1 },
            privileges: Privileges(grants: grants),
            executed: try mysqlSet(executed),
            channels: [],
            sharedDomains: [],
            optionFile: .success(try OptionFile(text: "[mysqld]\ndatadir = /var/lib/mysql\n", path: "/etc/my.cnf"))
        )
    }
}

extension PeerReport {
    static func sample(
        _ peer: Peer = .two,
        serverID: UInt32? = nil,
        logsUpdates: Bool = true,
        grants: String = "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `repl`@`%`",
        purged: String = "",
        executed: String = "1-200"
    ) throws -> PeerReport {
        let facts = PeerFacts(
            version: ServerVersion(flavor: .mysql, 8, 4, 0),
            serverID: serverID ?? peer.id ?? 0,
            uuid: UUIDs.two,
            hasBinlog: true,
            logsUpdates: logsUpdates,
            privileges: Privileges(grants: [grants])
        )
        let sample = PeerSample(
            executed: try mysqlSet(executed),
            received: .empty(.mysql),
            purged: try mysqlSet(purged),
            serverIDs: [facts.serverID]
        )
        return PeerReport(peer: peer, facts: .success(facts), sample: .success(sample))
    }
}

extension [Check] {
    func named(_ name: String) throws -> Check { try #require(self.first { $0.name == name }, "\(self)") }
    var troubles: [String] { self.filter { $0.state != .ok }.map(\.name) }
}

@Suite("Judging the server")
struct ServerChecksTests {
    private func troubles(_ report: ServerReport, _ configuration: Configuration = .sample()) -> [String] {
        ServerChecks.judge(report, configuration).troubles
    }

    @Test("Nothing to say of a good server")
    func good() throws {
        #expect(self.troubles(try .sample()) == [])
    }

    @Test("Settings that had better be changed")
    func settings() throws {
        #expect(self.troubles(try .sample(settings: ["binlog_checksum": "NONE"])) == ["binary log checksums"])
        #expect(self.troubles(try .sample(settings: ["enforce_gtid_consistency": "WARN"])) == ["GTIDs"])
        #expect(self.troubles(try .sample(settings: ["binlog_expire_logs_seconds": "86399"])) == ["binary log expiry"])
        #expect(self.troubles(try .sample(settings: ["binlog_expire_logs_seconds": "86400"])) == [])
        let never = ["binlog_expire_logs_seconds": "0", "expire_logs_days": "0"]
        #expect(self.troubles(try .sample(settings: never)) == [])
        let halfDay = ["binlog_expire_logs_seconds": "0", "expire_logs_days": "0.5"]
        #expect(self.troubles(try .sample(settings: halfDay)) == ["binary log expiry"])
    }

    @Test("A user who may do nothing gets whole statements")
    func privileges() throws {
        let report = try ServerReport.sample(grants: ["GRANT USAGE ON *.* TO `meagre`@`%`"])
        let checks = ServerChecks.judge(report, .sample())
        let backups = try checks.named("privileges for backups")
        #expect(backups.state == .failed)
        #expect(backups.failureClass == .database)
        #expect(backups.hint?.contains("GRANT REPLICATION CLIENT, REPLICATION SLAVE, BACKUP_ADMIN") == true)
        #expect(backups.hint?.hasSuffix("ON *.* TO `meagre`@`%`;") == true)
        #expect(try checks.named("privileges for restores").state == .warning)
    }

    @Test("A configuration of another server")
    func other() throws {
        let configuration = Configuration.sample(data: "/data/other", port: 3307)
        #expect(self.troubles(try .sample(), configuration) == ["data directory", "port"])
    }

    @Test("A server that does not answer is one failed check")
    func silent() throws {
        let failure = Failure(.database, "no server answers", cause: "refused\nagain", hint: "start it")
        let checks = ServerChecks.judge(.failure(failure), .sample())
        #expect(checks.map(\.detail) == ["no server answers: refused; again"])
        #expect(checks.first?.failureClass == .database)
    }
}

@Suite("Judging the peers")
struct PeersChecksTests {
    private func judge(_ reports: [PeerReport], backup: String = "1-120") throws -> [Check] {
        let newest = try Manifest.sample(data: backup, binlogs: [])
        return PeersChecks.judge(.success(reports), try .sample(), newest, .sample())
    }

    @Test("Nothing to say of good peers")
    func good() throws {
        #expect(try self.judge([.sample(), .sample(.three)]).troubles == [])
    }

    @Test("Server-ids that two have")
    func serverIDs() throws {
        let own = try self.judge([.sample(serverID: 1)])
        #expect(try own.named("peer db2:3306 server-id").state == .failed)
        let same = try self.judge([.sample(serverID: 7), .sample(.three, serverID: 7)])
        #expect(same.troubles == ["peer db2:3306 server-id", "peer db3:3306 server-id"])
        let misnamed = try self.judge([.sample(serverID: 9)]).named("peer db2:3306 server-id")
        #expect(misnamed.state == .warning)
        #expect(misnamed.detail.contains("replication.sources says 2"))
    }

    @Test("What the newest backup lacks and a peer has purged is a warning while another has it")
    func purged() throws {
        let one = try self.judge([.sample(purged: "1-150"), .sample(.three)]).named("peer db2:3306 history")
        #expect(one.state == .warning)
        #expect(one.detail.contains("121-150"))
        #expect(one.detail.contains("db3:3306"))
        let both = try self.judge([.sample(purged: "1-150"), .sample(.three, purged: "1-130")])
        #expect(both.troubles == ["peer db2:3306 history", "peer db3:3306 history"])
        #expect(try both.named("peer db2:3306 history").failureClass == .gap)
        // Short of what is gone, another peer is no help.
        let behind = try self.judge([.sample(purged: "1-150"), .sample(.three, executed: "1-140")])
        #expect(try behind.named("peer db2:3306 history").state == .failed)
        #expect(try self.judge([.sample(purged: "1-120")]).troubles == [])
    }

    @Test("Privileges of the replicating user")
    func privileges() throws {
        let none = try self.judge([.sample(grants: "GRANT USAGE ON *.* TO `repl`@`%`")])
        let failed = try none.named("peer db2:3306 privileges")
        #expect(failed.state == .failed)
        #expect(failed.hint?.contains("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `repl`@`%`;") == true)
        let blind = try self.judge([.sample(grants: "GRANT REPLICATION SLAVE ON *.* TO `repl`@`%`")])
        #expect(try blind.named("peer db2:3306 privileges").state == .warning)
    }

    @Test("A peer that does not log what it receives, one that is down, none at all")
    func others() throws {
        #expect(try self.judge([.sample(logsUpdates: false)]).troubles == ["peer db2:3306 binary logs"])
        let failure = Failure(.database, "no server answers at db2:3306")
        let down = try self.judge([PeerReport(peer: .two, facts: .failure(failure), sample: .failure(failure))])
        #expect(down.troubles == ["peer db2:3306"])
        #expect(try self.judge([]).troubles == ["peers"])
    }
}

@Suite("Judging storage, engine and machine")
struct OtherChecksTests {
    private func bucket(_ change: (inout StorageProbe) -> Void, unfinished: [Double] = []) -> [Check] {
        var probe = StorageProbe()
        probe.findings = StorageProbe.Step.allCases.map { .init(step: $0, failure: nil) }
        probe.conditionalPut = .supported
        probe.clockDifference = .zero
        change(&probe)
        let report = BucketReport(
            name: "s3://b",
            probe: probe,
            holder: .success(nil),
            unfinished: .success(unfinished)
        )
        return BucketChecks.judge(report)
    }

    private func fail(_ step: StorageProbe.Step, in probe: inout StorageProbe) {
        probe.findings = probe.findings.map { finding in
            finding.step == step ? .init(step: step, failure: Failure(.storage, "it went wrong")) : finding
        }
    }

    @Test("A conditional put that is ignored or refused is a warning")
    func condition() throws {
        #expect(self.bucket { _ in }.troubles == [])
        for (support, word) in [(StorageProbe.ConditionalPut.ignored, "ignored"), (.refused, "refused")] {
            let checks = self.bucket { probe in
                probe.conditionalPut = support
                self.fail(.putIfAbsent, in: &probe)
            }
            #expect(checks.troubles == ["S3 conditional put"])
            let check = try checks.named("S3 conditional put")
            #expect(check.state == .warning)
            #expect(check.detail.contains(word))
        }
    }

    @Test("A clock is a warning from 5 minutes on, and a failure from 15", arguments: [(400, false), (-1000, true)])
    func clock(_ seconds: Int, _ isFailed: Bool) throws {
        let checks = self.bucket { probe in
            probe.clockDifference = .seconds(seconds)
            self.fail(.clock, in: &probe)
        }
        #expect(try checks.named("S3 clock").state == (isFailed ? .failed : .warning))
    }

    @Test("Unfinished uploads of yesterday are a warning, those of a backup that goes on are not")
    func unfinished() throws {
        #expect(self.bucket({ _ in }, unfinished: [60]).troubles == [])
        #expect(self.bucket({ _ in }, unfinished: [60, 90_000]).troubles == ["S3 unfinished uploads"])
    }

    @Test("Room: too little fails, less than twice the data is a warning")
    func room() throws {
        func judge(_ available: Int64, _ data: Int64?) throws -> Check {
            let folder = FolderReport(
                key: "repository.local",
                path: "/",
                status: nil,
                problem: nil,
                available: available
            )
            let report = RepositoryReport(folders: [folder], staging: "/", holder: nil, data: data)
            return try RepositoryChecks.judge(report).named("space")
        }
        #expect(try judge(10 << 30, 10 << 30).failureClass == .storage)
        #expect(try judge(15 << 30, 10 << 30).state == .warning)
        #expect(try judge(20 << 30, 10 << 30).state == .ok)
        #expect(try judge(1, nil).state == .ok)
    }

    @Test("Tables of other engines are named; with clone they are the engine's failure")
    func tables() throws {
        let tables = [OtherTable(name: "shop.old", engine: "MyISAM")]
        let copied = EngineChecks.judge(EngineReport(kind: .mariabackup, tool: .success("x"), otherTables: tables))
        #expect(try copied.named("tables").detail == "1 table is not InnoDB's: shop.old (MyISAM)")
        let refused = EngineReport(kind: .clone, tool: .failure(Failure(.unusable, "no")), otherTables: tables)
        #expect(EngineChecks.judge(refused).map(\.failureClass) == [.unusable])
    }

    @Test("A machine without the server's user, or without its program")
    func machine() throws {
        let report = MachineReport(
            uid: 1000,
            osUser: nil,
            dataDirectory: "/data",
            parent: "/",
            problem: nil,
            available: 100,
            leftover: "/data.dorsal-restore"
        )
        let checks = RestoreChecks.judge(report, try .sample(), .sample())
        #expect(checks.troubles == ["os_user", "target", "interrupted restore"])
        #expect(try checks.named("os_user").failureClass == .usage)
        let old = Installation(server: "/m", version: ServerVersion(flavor: .mysql, 8, 0, 30), base: nil)
        let data = ServerVersion(flavor: .mysql, 8, 4, 0)
        #expect(RestoreChecks.program(.success(old), data).state == .failed)
        let newer = Installation(server: "/m", version: ServerVersion(flavor: .mysql, 9, 7, 0), base: nil)
        #expect(RestoreChecks.program(.success(newer), data).state == .warning)
    }

    @Test("No backup, a damaged one, and the newest of two places")
    func backups() throws {
        #expect(BackupsChecks.judge(BackupsReport("orders", [])).troubles == ["newest backup"])
        var old = BackupsReport.Place()
        var new = BackupsReport.Place()
        let ids = try ["20261122T094058Z-1f3a9c", "20261123T094058Z-1f3a9c"].map { try BackupID($0) }
        (old.ids, old.newest, old.problem) = ([ids[0]], try .sample(), "an old problem")
        (new.ids, new.newest, new.address) = (ids, try .sample(id: ids[1].description), "s3://b")
        let report = BackupsReport("orders", [.success(old), .success(new)])
        #expect(report.count == 2)
        #expect(BackupsChecks.judge(report).troubles == [])
        new.problem = "the package is missing"
        let damaged = BackupsChecks.judge(BackupsReport("orders", [.success(new)]))
        #expect(damaged.first?.state == .warning)
        let unreadable = BackupsReport("orders", [.failure(Failure(.storage, "no"))])
        #expect(BackupsChecks.judge(unreadable).map(\.failureClass) == [.storage])
    }
}

@Suite("A time limit for answers")
struct TimeLimitTests {
    @Test("Silence becomes a failure that names who is silent; what was thrown stays as it is")
    func silence() async throws {
        let silent = try await TimeLimit(seconds: 0).ask("the peer", .database) {
            try await Task.sleep(for: .seconds(3600))
        }
        let failure = #expect(throws: Failure.self) { try silent.get() }
        #expect(failure?.message == "the peer did not answer within 0 s")
        // Work that blocks for good is left behind.
        let forever = DispatchSemaphore(value: 0)
        let blocked = try await TimeLimit(seconds: 0).ask("the disk", .storage) {
            try await untilCancelled { forever.wait() }
        }
        #expect(throws: Failure.self) { try blocked.get() }
        forever.signal()
        let refused = try await TimeLimit(seconds: 60).ask("the peer", .database) { throw Failure(.gap, "no") }
        #expect(throws: Failure(.gap, "no")) { try refused.get() }
        #expect(try await TimeLimit(seconds: 60).ask("the peer", .database) { 7 }.get() == 7)
    }
}
