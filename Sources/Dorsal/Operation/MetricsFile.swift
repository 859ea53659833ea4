import Blocking
import Failures
import Foundation
import Glibc

/// The file that the textfile collector of Prometheus's node exporter reads.
struct MetricsFile: Sendable {
    let path: String
    /// The instance whose values are written; others' stay as they are.
    let instance: String

    /// What a run changes of an instance's values.
    struct Changes: Sendable {
        let instance: String
        fileprivate(set) var samples: MetricSamples

        /// Sets a value.
        ///
        /// - Parameter repository: for a metric that has one for each repository, its name.
        mutating func set(_ metric: Metric, _ value: Double, repository: BackupPlace.Kind? = nil) {
            let labels = repository.map { ["repository": $0.rawValue] } ?? [:]
            self.samples.set(metric, value, of: self.instance, labels)
        }

        /// Sets a time.
        mutating func set(_ metric: Metric, _ date: Date) { self.set(metric, date.timeIntervalSince1970.rounded()) }

        /// Removes all values of a metric.
        mutating func remove(_ metric: Metric) { self.samples.remove(metric, of: self.instance) }
    }

    /// Changes values in the file that is configured, if there is one; all others are carried over.
    ///
    /// It works in a task that is cancelled too. A file that cannot be written is a warning, and no more.
    static func update(
        _ configuration: Configuration,
        _ log: RunLog,
        _ change: @escaping @Sendable (inout Changes) -> Void
    ) async {
        guard let path = configuration.metrics.textfile else { return }
        let file = MetricsFile(path: path, instance: configuration.instance.name)
        do {
            try await onOwnThread { try file.update(change) }
        } catch {
            let failure = error as? Failure
            let cause = failure?.cause.map { ": \($0)" } ?? ""
            log.warn("the metrics were not written: \(failure?.message ?? "\(error)")\(cause)")
        }
    }

    /// Reads, changes and replaces the file, while no other run does.
    func update(_ change: (inout Changes) -> Void) throws {
        let lock = try self.lock()
        defer { close(lock) }
        var changes = Changes(instance: self.instance, samples: MetricSamples(parsing: self.current()))
        change(&changes)
        // Of one version only.
        changes.remove(.buildInfo)
        changes.samples.set(.buildInfo, 1, of: self.instance, ["version": Version.current])
        try self.replace(with: changes.samples.text)
    }

    private var folder: String { URL(fileURLWithPath: self.path).deletingLastPathComponent().path }

    /// Locks the folder itself: a file for a lock would stay behind in it.
    private func lock() throws -> Int32 {
        let descriptor = open(self.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file("open", self.folder, errno: errno) }
        let deadline = ContinuousClock.now + .seconds(10)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR, ContinuousClock.now < deadline else {
                close(descriptor)
                throw Failure.file("lock", self.folder, errno: code)
            }
            usleep(10_000)
        }
        return descriptor
    }

    /// What the file says; nothing when it is not there, or cannot be a file of ours.
    private func current() -> String {
        guard let file = FileHandle(forReadingAtPath: self.path) else { return "" }
        defer { try? file.close() }
        let data = try? file.read(upToCount: 1 << 20)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// The exporter sees the old file or the new one; it reads none whose name does not end in `.prom`.
    private func replace(with text: String) throws {
        let name = URL(fileURLWithPath: self.path).lastPathComponent
        let temporary = "\(self.folder)/.\(name).new"
        try PrivateFile.replace(text.utf8, at: temporary, mode: 0o644)
        guard rename(temporary, self.path) == 0 else {
            let code = errno
            unlink(temporary)
            throw Failure.file("replace", self.path, errno: code)
        }
    }
}
