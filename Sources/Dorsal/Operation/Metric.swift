/// The metrics that Dorsal writes, by their names in Prometheus; all of them are gauges.
///
/// The label `instance_name` is the instance's name; `instance` is Prometheus' own.
enum Metric: String, CaseIterable, Sendable {
    case backupLastSuccess = "dorsal_backup_last_success_timestamp_seconds"
    case backupLastDuration = "dorsal_backup_last_duration_seconds"
    case backupLastSize = "dorsal_backup_last_size_bytes"
    case backupLastExitCode = "dorsal_backup_last_exit_code"
    case backups = "dorsal_backups"
    case backupStored = "dorsal_backup_stored_bytes"
    case verifyLastSuccess = "dorsal_verify_last_success_timestamp_seconds"
    case windowEnd = "dorsal_pitr_window_end_timestamp_seconds"
    case buildInfo = "dorsal_build_info"

    /// What it says, in a line.
    var help: String {
        switch self {
        case .backupLastSuccess: "When the last good backup was finished."
        case .backupLastDuration: "How long the last good backup took."
        case .backupLastSize: "The size of the last good backup's package."
        case .backupLastExitCode: "The exit code of the last backup; 0 is good, 2 is good with warnings."
        case .backups: "How many backups a repository holds."
        case .backupStored: "What the backups of a repository take there."
        case .verifyLastSuccess: "When the newest backup, or a sample, was last read back and found good."
        case .windowEnd: "Up to when the newest backup has everything."
        case .buildInfo: "Always 1; the version of Dorsal is in a label."
        }
    }
}

/// Values by metric and labels.
struct MetricSamples: Sendable, Equatable {
    /// What one value is of.
    struct Key: Hashable, Sendable {
        let metric: Metric
        let labels: [String: String]
    }

    /// The label with an instance's name.
    static let instanceLabel = "instance_name"

    var values: [Key: Double] = [:]

    /// Sets an instance's value.
    mutating func set(_ metric: Metric, _ value: Double, of instance: String, _ labels: [String: String] = [:]) {
        let labels = labels.merging([Self.instanceLabel: instance]) { $1 }
        self.values[Key(metric: metric, labels: labels)] = value
    }

    /// Removes all of an instance's values of a metric.
    mutating func remove(_ metric: Metric, of instance: String) {
        self.values = self.values.filter { $0.key.metric != metric || $0.key.labels[Self.instanceLabel] != instance }
    }
}
