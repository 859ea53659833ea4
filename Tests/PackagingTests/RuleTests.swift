import Foundation
import TestSupport
import Testing

@testable import Dorsal

@Suite("Alert rules")
struct RuleTests {
    private static let folder = "Packaging/prometheus"

    @Test("Prometheus takes them, and they tell good hosts from bad ones")
    func rules() async throws {
        #expect(
            try await tool("promtool", "check", "rules", Repository.path("\(Self.folder)/dorsal-alerts.yaml"))
                .contains("6 rules found")
        )
        #expect(
            try await tool("promtool", "test", "rules", Repository.path("\(Self.folder)/dorsal-alerts-test.yaml"))
                .contains("SUCCESS")
        )
    }

    @Test(
        "A rule with another limit does not pass",
        arguments: [
            ("36 * 3600", "72 * 3600"), ("36 * 3600", "20 * 3600"), ("0.5 *", "0.4 *"), ("0.5 *", "0.9 *"),
            ("9 * 86400", "10 * 86400"), ("_exit_code != 2", "_exit_code != 3"),
            ("_exit_code != 11", "_exit_code != 12"),
            ("_exit_code != 0", "_exit_code != 6"), ("offset 1d", "offset 3d"),
            ("absent(dorsal_backup_last_success_timestamp_seconds)", "absent(up)"),
        ]
    )
    func limits(limit: String, other: String) async throws {
        let folder = try TemporaryFolder()
        let rules = try Repository.text("\(Self.folder)/dorsal-alerts.yaml")
        #expect(rules.contains(limit))
        try folder.write(rules.replacing(limit, with: other), to: "dorsal-alerts.yaml")
        let tests = try folder.write(
            try Repository.text("\(Self.folder)/dorsal-alerts-test.yaml"),
            to: "dorsal-alerts-test.yaml"
        )
        #expect(try await complaint("promtool", "test", "rules", tests)?.contains("exit status 1") == true)
    }

    @Test("They ask for metrics that there are")
    func metrics() throws {
        let known = Set(Metric.allCases.map(\.rawValue))
        let rules = try Repository.text("\(Self.folder)/dorsal-alerts.yaml")
        let used = Set(rules.matches(of: #/\bdorsal_\w+/#).map { String($0.output) })
        #expect(!used.isEmpty)
        #expect(used.subtracting(known).isEmpty)
    }
}
