import Failures
import Foundation
import Processes
import TestSupport
import Testing

@testable import Dorsal

@Suite("Metrics for Prometheus")
struct MetricsTests {
    private let folder: TemporaryFolder
    private var path: String { self.folder.path("dorsal.prom") }

    init() throws { self.folder = try TemporaryFolder() }

    private func file(_ instance: String = "orders") -> MetricsFile { MetricsFile(path: self.path, instance: instance) }

    private func text() throws -> String { try String(contentsOfFile: self.path, encoding: .utf8) }

    @Test("Each metric has its help and type; Prometheus takes all of them")
    func all() async throws {
        try self.file().update { changes in
            for metric in Metric.allCases where metric != .buildInfo { changes.set(metric, 1.5) }
            changes.remove(.backups)
            changes.set(.backups, 3, repository: .local)
            changes.set(.backups, 2, repository: .s3)
            changes.set(.verifyLastSuccess, Date(timeIntervalSince1970: 1_800_000_000))
        }
        let text = try self.text()
        #expect(
            text.contains(
                """
                # HELP dorsal_backups How many backups a repository holds.
                # TYPE dorsal_backups gauge
                dorsal_backups{instance_name="orders",repository="local"} 3
                dorsal_backups{instance_name="orders",repository="s3"} 2

                """
            )
        )
        #expect(text.contains("dorsal_verify_last_success_timestamp_seconds{instance_name=\"orders\"} 1800000000\n"))
        #expect(text.contains("dorsal_backup_last_size_bytes{instance_name=\"orders\"} 1.5\n"))
        #expect(text.contains("dorsal_build_info{instance_name=\"orders\",version=\"\(Version.current)\"} 1\n"))
        try await self.check()
        let mode = try FileManager.default.attributesOfItem(atPath: self.path)[.posixPermissions] as? Int
        #expect(mode == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["dorsal.prom"])
    }

    /// Lets promtool look at the file.
    private func check() async throws {
        try await ToolCommand("/bin/sh", ["-c", "exec promtool check metrics < '\(self.path)'"])
            .run(hint: "Scripts/install-dependencies.sh installs it")
    }

    @Test("What a run does not know is carried over, other instances' values too")
    func carriedOver() async throws {
        try self.file().update { $0.set(.backupLastSuccess, 100) }
        try self.file("users").update { $0.set(.backupLastExitCode, 6) }
        try self.file().update { $0.set(.backupLastExitCode, 3) }
        let samples = MetricSamples(parsing: try self.text())
        var expected = MetricSamples()
        expected.set(.backupLastSuccess, 100, of: "orders")
        expected.set(.backupLastExitCode, 3, of: "orders")
        expected.set(.backupLastExitCode, 6, of: "users")
        for instance in ["orders", "users"] { expected.set(.buildInfo, 1, of: instance, ["version": Version.current]) }
        #expect(samples == expected)
        try await self.check()
    }

    @Test("Only one version is told")
    func version() throws {
        try self.folder.write("dorsal_build_info{instance_name=\"orders\",version=\"0.0.1\"} 1\n", to: "dorsal.prom")
        try self.file().update { _ in }
        #expect(try !self.text().contains("0.0.1"))
    }

    @Test("Any name of an instance comes back as it was", arguments: ["a\"b", "a\\nb", "a\nb", "a,b={}", "ä \\", "}"])
    func escaping(_ name: String) async throws {
        try self.file(name).update { $0.set(.backupLastSize, 7) }
        var expected = MetricSamples()
        expected.set(.backupLastSize, 7, of: name)
        expected.set(.buildInfo, 1, of: name, ["version": Version.current])
        #expect(MetricSamples(parsing: try self.text()) == expected)
        try await self.check()
    }

    @Test(
        "Damaged lines are left out, the others stay",
        arguments: [
            "dorsal_backups{", "dorsal_backups{a", "dorsal_backups{a=", "dorsal_backups{a=\"", "dorsal_backups{a=\"\\",
            "dorsal_backups{a=\"b\"}", "dorsal_backups{a=\"b\"} x", "dorsal_backups nan", "node_load1 1", "{} 1", "\0",
        ]
    )
    func damaged(_ line: String) throws {
        let whole = "dorsal_backups{instance_name=\"x\",repository=\"s3\"} 4 1700000000\n"
        try self.folder.write("\(line)\n\(whole)", to: "dorsal.prom")
        try self.file().update { $0.set(.backupLastSize, 7) }
        let values = MetricSamples(parsing: try self.text()).values
        #expect(values.count == 3)
        #expect(values.values.sorted() == [1, 4, 7])
    }

    @Test("Runs at the same time do not undo each other's values")
    func together() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try self.file("instance \(number)").update { $0.set(.backupLastSize, 1) } }
            }
            try await group.waitForAll()
        }
        #expect(MetricSamples(parsing: try self.text()).values.count == 40)
    }

    @Test("A file that cannot be written is a warning that names it")
    func unwritable() async throws {
        let log = Telling().log
        var configuration = try ConfigurationFixture().load(ConfigurationFixture.least)
        configuration.metrics.textfile = self.folder.path("missing/dorsal.prom")
        await MetricsFile.update(configuration, log) { $0.set(.backupLastSize, 1) }
        #expect(log.warnings.count == 1)
        #expect(log.warnings.first?.contains(self.folder.path("missing")) == true)
        // A folder in its place.
        configuration.metrics.textfile = self.folder.path
        await MetricsFile.update(configuration, log) { $0.set(.backupLastSize, 1) }
        #expect(log.warnings.last?.contains("Cannot replace \(self.folder.path)") == true)
    }
}
