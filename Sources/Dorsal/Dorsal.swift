import Failures
import Foundation
public import Progress

/// Backs up MySQL and MariaDB servers and brings lost ones back, complete.
///
/// ```swift
/// let dorsal = Dorsal(try ConfigurationLoader.load(path: "/etc/dorsal/dorsal.yaml"))
/// let backup = try await dorsal.backup()
/// let restored = try await dorsal.restore()
/// ```
///
/// Cancelling the task that runs one of its functions stops the children that were started and cleans up.
public struct Dorsal: Sendable {
    /// What this instance works with.
    public let configuration: Configuration
    private let progress: @Sendable (ProgressEvent) -> Void

    /// Makes an instance that works with a configuration.
    ///
    /// - Parameter progress: called with what a run tells while it goes on, from any thread.
    public init(_ configuration: Configuration, progress: @escaping @Sendable (ProgressEvent) -> Void = { _ in }) {
        self.configuration = configuration
        self.progress = progress
    }

    /// Takes a backup and publishes it; runs the hooks, tells the monitor and writes the metrics that are configured.
    ///
    /// - Returns: what was published; look at its `warnings` too.
    /// - Throws: ``Failure``; nothing is published then. ``IncompleteBackup`` when it was published, but not in all of
    ///   its places. `CancellationError` when the task was cancelled.
    public func backup() async throws -> BackupSummary {
        try await BackupOperation(configuration: self.configuration, log: self.log()).run()
    }

    /// Brings the instance back: restores a backup, replays its binary logs, fetches from the peers what no backup
    /// holds, and proves that nothing is missing.
    ///
    /// - Throws: ``IncompleteRestore`` when a data directory is there but something is missing; ``Failure`` when the
    ///   restore could not be done; `CancellationError` when the task was cancelled.
    public func restore(_ options: RestoreOptions = RestoreOptions()) async throws -> RestoreSummary {
        try await RestoreRun(configuration: self.configuration, options: options, log: self.log()).run()
    }

    /// What a restore would do, a line each; nothing is touched.
    ///
    /// - Throws: ``Failure`` when the restore could not work.
    public func plan(_ options: RestoreOptions = RestoreOptions()) async throws -> [String] {
        let log = self.log()
        let run = RestoreRun(configuration: self.configuration, options: options, log: log)
        return try await Catalog.with(self.configuration, log) { try await run.plan($0).lines }
    }

    /// Fetches from the peers what a stopped instance lacks, and proves it.
    ///
    /// - Throws: As ``restore(_:)``.
    public func catchUp() async throws -> RestoreSummary {
        try await CatchUpRun(configuration: self.configuration, log: self.log()).run()
    }

    /// Looks at everything that could make a backup or a restore fail; nothing is changed on any server.
    ///
    /// It takes ten seconds at the most, whoever does not answer.
    ///
    /// - Parameter groups: what to look at.
    /// - Throws: `CancellationError` only; what is wrong stands in the diagnosis.
    public func doctor(_ groups: Set<CheckGroup> = Set(CheckGroup.allCases)) async throws -> Diagnosis {
        try await Doctor(configuration: self.configuration, groups: groups).run()
    }

    func log() -> RunLog {
        let log = RunLog(self.progress)
        for warning in self.configuration.warnings { log.warn(warning) }
        return log
    }
}
