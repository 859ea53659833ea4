import Failures
import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

/// What happens around a backup, with real hooks, a real monitor and a file of metrics.
@Suite("Around a backup") struct OperationTests {
    /// Hooks that write down their environment and what they read.
    private static func configure(_ scenario: Scenario, _ monitor: Monitor, before: String = "true") throws {
        func hook(_ name: String) -> String { "'env > $HOOKS/\(name).env; cat > $HOOKS/\(name).in'" }
        try scenario.configure(
            more: """
                hooks:
                  before_backup: 'env > $HOOKS/before.env; \(before)'
                  after_backup: \(hook("after"))
                  on_failure: \(hook("failure"))
                  heartbeat_url: \(monitor.url)
                metrics: { textfile: \(scenario.folder)/dorsal.prom }
                """
        )
    }

    private static func environment(_ scenario: Scenario) -> [String: String] {
        ["HOOKS": scenario.folder, "MYSQL_PWD": "env-Secret-Word-5", "DORSAL_HOOKS_TIMEOUT": "60s"]
    }

    private static func text(_ scenario: Scenario, _ name: String) throws -> String {
        try String(contentsOfFile: "\(scenario.folder)/\(name)", encoding: .utf8)
    }

    private static func metric(_ scenario: Scenario, _ name: String) throws -> Double? {
        let line = try self.text(scenario, "dorsal.prom").split(separator: "\n").first { $0.hasPrefix("\(name){") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    private static func exists(_ scenario: Scenario, _ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(scenario.folder)/\(name)")
    }

    @Test("Hooks learn of a good backup, the monitor is told, the metrics are written; no secret gets out")
    func good() async throws {
        try await Scenario.with(.mariadb, servers: 1) { scenario in
            try await Monitor.with { monitor in
                // A hook may run the program itself, with the same configuration.
                try Self.configure(
                    scenario,
                    monitor,
                    before: "\(DorsalProcess.binary) list --json > $HOOKS/list.out || true"
                )
                let backup = try await scenario.dorsal("backup", environment: Self.environment(scenario))
                try #require(backup.status == 0, "\(backup.all)")
                let id = try #require(backup.summary("id"))
                let read = try JSONSerialization.jsonObject(with: Data(Self.text(scenario, "after.in").utf8))
                #expect((read as? [String: Any])?["id"] as? String == id)
                let before = try Self.text(scenario, "before.env")
                #expect(before.contains("DORSAL_INSTANCE=orders\n"))
                #expect(!before.contains("DORSAL_BACKUP_ID"))
                #expect(try Self.text(scenario, "after.env").contains("DORSAL_BACKUP_ID=\(id)\n"))
                #expect(try !Self.text(scenario, "list.out").contains("unknown environment variable"))
                #expect(!Self.exists(scenario, "failure.env"))
                #expect(monitor.calls == ["/\(Monitor.token)"])
                try Self.checkMetrics(scenario, backup)
                for secret in [
                    Scenario.password, SandboxTemplate.replicationPassword, Monitor.token, "env-Secret-Word-5",
                ] {
                    for name in ["before.env", "after.env", "after.in", "dorsal.prom"] {
                        #expect(try !Self.text(scenario, name).contains(secret), "\(name)")
                    }
                    #expect(!backup.all.contains(secret))
                }
            }
        }
    }

    private static func checkMetrics(_ scenario: Scenario, _ backup: DorsalResult) throws {
        let package = try FileManager.default.attributesOfItem(atPath: scenario.package())
        let size = (package[.size] as? NSNumber)?.doubleValue
        #expect(try self.metric(scenario, "dorsal_backup_last_size_bytes") == size)
        #expect(try self.metric(scenario, "dorsal_backup_last_exit_code") == 0)
        #expect(try self.metric(scenario, "dorsal_backups") == 1)
        #expect(try self.metric(scenario, "dorsal_backup_stored_bytes") ?? 0 > size ?? 0)
        let success = try #require(try self.metric(scenario, "dorsal_backup_last_success_timestamp_seconds"))
        let window = try #require(try self.metric(scenario, "dorsal_pitr_window_end_timestamp_seconds"))
        #expect(abs(success - Date().timeIntervalSince1970) < 3600)
        #expect(window <= success)
        #expect(try self.metric(scenario, "dorsal_backup_last_duration_seconds") ?? 0 > 0)
    }

    @Test("A hook that refuses stops the backup before anything happens; a later failure is told as well")
    func refused() async throws {
        try await Scenario.with(.mariadb, servers: 1) { scenario in
            try await Monitor.with { monitor in
                let environment = Self.environment(scenario)
                try Self.configure(scenario, monitor)
                #expect(try await scenario.dorsal("backup", environment: environment).status == 0)
                let success = try Self.metric(scenario, "dorsal_backup_last_success_timestamp_seconds")

                try Self.configure(scenario, monitor, before: "echo not now >&2; exit 7")
                let refused = try await scenario.dorsal("backup", environment: environment)
                #expect(refused.status == 3, "\(refused.all)")
                #expect(refused.error("message") == "hooks.before_backup failed (exit status 7)")
                #expect(refused.error("cause") == "not now")
                #expect(!refused.out.contains("\"inspect\""))
                #expect(try scenario.backupIDs().count == 1)
                let read = try JSONSerialization.jsonObject(with: Data(Self.text(scenario, "failure.in").utf8))
                #expect((read as? [String: Any])?["code"] as? Int == 3)
                #expect((read as? [String: Any])?["message"] as? String == refused.error("message"))
                #expect(monitor.calls == ["/\(Monitor.token)", "/\(Monitor.token)/fail"])
                #expect(try Self.metric(scenario, "dorsal_backup_last_exit_code") == 3)
                #expect(try Self.metric(scenario, "dorsal_backup_last_success_timestamp_seconds") == success)

                try Self.configure(scenario, monitor)
                try await scenario.lost.stop(SIGKILL)
                let failed = try await scenario.dorsal("backup", environment: environment)
                #expect(failed.status == 6, "\(failed.all)")
                #expect(try Self.text(scenario, "failure.in").contains("\"class\":\"database\""))
                #expect(try Self.metric(scenario, "dorsal_backup_last_exit_code") == 6)
            }
        }
    }

    @Test("What fails around a backup is a warning, and never hides what ended it")
    func warnings() async throws {
        try await Scenario.with(.mariadb, servers: 1) { scenario in
            try scenario.configure(
                more: """
                    hooks:
                      after_backup: 'echo mail is down; exit 1'
                      on_failure: 'echo $DORSAL_BACKUP_ID > $HOOKS/failed.id; exit 1'
                      heartbeat_url: http://127.0.0.1:1/\(Monitor.token)
                    metrics: { textfile: \(scenario.folder)/missing/dorsal.prom }
                    """
            )
            let environment = Self.environment(scenario)
            let backup = try await scenario.dorsal("backup", environment: environment)
            #expect(backup.status == 2, "\(backup.all)")
            let warnings = try #require(backup.objects("summary").last?["warnings"] as? [String])
            #expect(warnings.count == 3)
            #expect(warnings.first == "hooks.after_backup failed (exit status 1): mail is down")
            #expect(try scenario.backupIDs().count == 1)
            #expect(!backup.all.contains(Monitor.token))

            let interrupted = try await scenario.dorsal("backup", environment: environment, syncPoint: "pack") {
                paused in
                kill(paused.pid, SIGTERM)
                paused.resume()
            }
            #expect(interrupted.status == 143, "\(interrupted.all)")
            #expect(interrupted.error("class") == "interrupted")
            #expect(interrupted.out.contains("hooks.on_failure failed (exit status 1)"))
            #expect(try Self.text(scenario, "failed.id").count > 10)
            #expect(try scenario.backupIDs().count == 1)
            #expect(try scenario.leftovers() == [])
        }
    }
}
