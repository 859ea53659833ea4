import Failures
import Foundation
import Progress
import TestSupport
import Testing

@testable import Commands
@testable import Dorsal

@Suite("How a diagnosis is printed")
struct DoctorTextTests {
    private let bad = Check.failed(
        .server,
        "binary logs",
        Failure(.database, "binary logs are off", cause: "log_bin = OFF", hint: "set log_bin")
    )
    private let doubtful = Check.warning(.backups, "newest backup", "there is | none", hint: "run\ndorsal backup")
    private let good = Check.ok(.peers, "peer", "answers")

    private func diagnosis(_ checks: Check...) -> Diagnosis {
        Diagnosis(instance: "orders", checks: checks, backupAge: 60, seconds: 1.5)
    }

    @Test("A line a check, with the remedy below")
    func lines() {
        let paint = Paint(isOn: false)
        #expect(DoctorText.text(self.good, paint) == "OK       peer: answers")
        #expect(
            DoctorText.text(self.bad, paint)
                == "FAILED   binary logs: binary logs are off: log_bin = OFF\n         hint: set log_bin"
        )
        #expect(
            DoctorText.text(self.doubtful, paint)
                == "WARNING  newest backup: there is | none\n         hint: run\n               dorsal backup"
        )
        #expect(DoctorText.summary(self.diagnosis(self.good, self.doubtful)) == "1 OK, 1 warning, 0 failed")
        #expect(DoctorText.summary(self.diagnosis(self.bad)) == "0 OK, 0 warnings, 1 failed")
    }

    @Test("The exit code is that of the first failure; warnings alone are 2")
    func exits() {
        let other = Check.failed(.s3, "S3", Failure(.storage, "no"))
        #expect(self.diagnosis(self.doubtful, self.bad, other).failureClass == .database)
        #expect(self.diagnosis(other, self.bad).failureClass == .storage)
        #expect(self.diagnosis(self.good, self.doubtful).failureClass == .warning)
        #expect(self.diagnosis(self.good).failureClass == nil)
    }

    @Test("As JSON")
    func json() {
        #expect(
            JSONLines.encode(self.bad)
                == #"{"class":"database","detail":"binary logs are off: log_bin = OFF","group":"server","#
                + #""hint":"set log_bin","name":"binary logs","state":"failed","type":"check"}"#
        )
        #expect(
            JSONLines.encode(self.diagnosis(self.bad, self.good))
                == #"{"backup_age":60,"failed":1,"instance":"orders","ok":1,"seconds":1.5,"type":"summary","warnings":0}"#
        )
    }

    @Test("As a plugin's line: worst first, one bar, one line")
    func nagios() {
        let line = NagiosLine(self.diagnosis(self.doubtful, self.bad))
        #expect(line.status == .critical)
        #expect(
            line.text
                == "DORSAL CRITICAL - orders: 0 OK, 1 warning, 1 failed; binary logs: binary logs are off: log_bin = OFF; "
                + "newest backup: there is / none|ok=0 warnings=1 failed=1 time=1.5s backup_age=60s"
        )
        #expect(NagiosLine(self.diagnosis(self.doubtful)).status == .warning)
        #expect(NagiosLine(self.diagnosis(self.good)).status == .ok)
        let unknown = NagiosLine(Failure(.usage, "no\nconfiguration", hint: "a|b"))
        #expect(unknown.status == .unknown)
        #expect(unknown.text == "DORSAL UNKNOWN - no; configuration; a/b")
    }
}

@Suite("The built program: doctor")
struct DoctorCommandTests {
    private let fixture: CommandFixture

    init() throws { self.fixture = try CommandFixture() }

    @Test("Nothing there: the first failed check's class, text with remedies, a count at the end")
    func text() async throws {
        let result = try await self.fixture.dorsal("doctor", json: false)
        #expect(result.status == 6, "\(result.all)")
        #expect(result.err == "")
        let lines = result.out.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("FAILED   server: no server answers at ") }, "\(result.out)")
        #expect(lines.contains { $0.hasPrefix("         hint: ") })
        #expect(lines.last?.wholeMatch(of: #/\d+ OK, \d+ warnings?, [1-9] failed/#) != nil, "\(result.out)")
    }

    @Test("One group alone, all well: 0")
    func only() async throws {
        let result = try await self.fixture.dorsal("doctor", "--only", "repository")
        #expect(result.status == 0, "\(result.all)")
        #expect(result.objects("check").allSatisfy { $0["group"] as? String == "repository" })
        let names = try FileManager.default.contentsOfDirectory(atPath: self.fixture.folder.path("backups"))
        #expect(names == [])
    }

    @Test("A plugin's exit codes, also without a configuration")
    func plugin() async throws {
        let critical = try await self.fixture.dorsal("doctor", "--nagios", json: false)
        #expect(critical.status == 2)
        #expect(critical.out.hasPrefix("DORSAL CRITICAL - orders: "))
        let config = self.fixture.folder.path("none.yaml")
        let arguments = ["doctor", "--nagios", "--config", config]
        let unknown = try await DorsalProcess.run(arguments, folder: self.fixture.folder.path)
        #expect(unknown.status == 3)
        #expect(unknown.out.hasPrefix("DORSAL UNKNOWN - "))
        #expect(unknown.err == "")
        let usual = try await DorsalProcess.run(["doctor", "--config", config], folder: self.fixture.folder.path)
        #expect(usual.status == 64)
        #expect(usual.err.contains(config))
    }

    @Test("Groups and forms that there are not")
    func usage() async throws {
        let group = try await self.fixture.dorsal("doctor", "--only", "server,weather", json: false)
        #expect(group.status == 64)
        #expect(group.err.contains("There is no group 'weather'"))
        let both = try await self.fixture.dorsal("doctor", "--nagios")
        #expect(both.status == 64)
        #expect(both.err.contains("exclude each other"))
    }
}
