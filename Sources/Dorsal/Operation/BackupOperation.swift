import Failures
import Foundation
import Progress

/// A backup and what happens around it: hooks, heartbeat, metrics.
struct BackupOperation {
    let configuration: Configuration
    let log: RunLog
    /// The variables that hooks inherit, but for secrets.
    var environment = ProcessInfo.processInfo.environment

    private var hooks: Configuration.Hooks { self.configuration.hooks }

    func run() async throws -> BackupSummary {
        let started = Date()
        let summary: BackupSummary
        do {
            try await self.stage("before_backup", self.hooks.beforeBackup)
            summary = try await BackupRun(configuration: self.configuration, log: self.log).run()
        } catch {
            await self.tellFailure(ErrorObject(error, isInterrupted: Task.isCancelled))
            throw error
        }
        return try await self.tellSuccess(summary, started)
    }

    /// - Throws: `CancellationError` when the run is interrupted meanwhile; the backup stands.
    private func tellSuccess(_ made: BackupSummary, _ started: Date) async throws -> BackupSummary {
        var summary = made
        let metrics = BackupMetrics(
            bytes: made.package.bytes,
            windowEnd: self.log.begun["binlogs"] ?? started,
            started: started,
            finished: Date()
        )
        do {
            try await self.warning {
                try await self.stage("after_backup", self.hooks.afterBackup, reading: made)
            }
            try await self.warning { try await self.heartbeat(.success) }
        } catch {
            await metrics.write(self.configuration, self.log, exitCode: ErrorObject.interruptionCode)
            throw error
        }
        await metrics.write(self.configuration, self.log, exitCode: self.log.warnings.isEmpty ? 0 : 2)
        (summary.warnings, summary.seconds) = (self.log.warnings, self.log.seconds)
        return summary
    }

    /// What goes wrong here never hides the error itself.
    private func tellFailure(_ error: ErrorObject) async {
        try? await self.warning {
            if self.hooks.onFailure != nil { self.log.note("running hooks.on_failure") }
            try await self.run("on_failure", self.hooks.onFailure, reading: error)
        }
        // Another run is at work: when that one fails, it says so itself.
        if error.code != Failure.Class.locked.rawValue {
            try? await self.warning { try await self.heartbeat(.failure) }
        }
        await MetricsFile.update(self.configuration, self.log) { $0.set(.backupLastExitCode, Double(error.code)) }
    }

    private func heartbeat(_ signal: Heartbeat.Signal) async throws {
        guard let url = self.hooks.heartbeatURL else { return }
        try await Heartbeat(url: url).send(signal)
    }

    /// Runs a hook as a stage of the run.
    private func stage(_ name: String, _ line: String?, reading value: (any Encodable)? = nil) async throws {
        guard line != nil else { return }
        try await self.log.stage(name) { try await self.run(name, line, reading: value) }
    }

    private func run(_ name: String, _ line: String?, reading value: (any Encodable)?) async throws {
        guard let line else { return }
        let hook = Hook(
            key: "hooks.\(name)",
            line: line,
            limit: self.hooks.timeout,
            environment: HookEnvironment.variables(
                self.configuration,
                backup: self.log.backup,
                from: self.environment
            ),
            input: value.map { Array("\(JSONLines.encode($0))\n".utf8) } ?? []
        )
        try await hook.run()
    }

    /// Lets a failure be a warning only; what an interruption brings about is none.
    private func warning(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let failure as Failure {
            let cause = failure.cause.map { ": \($0)" } ?? ""
            self.log.warn("\(failure.message)\(cause)")
        }
    }
}
