import Foundation
import Glibc
import Progress
import Synchronization

/// What a run tells while it goes on, and what it keeps for its summary: the seconds of each stage, the warnings.
final class RunLog: Sendable {
    private struct State {
        var seconds: [String: Double] = [:]
        var begun: [String: Date] = [:]
        var backup: BackupID?
        var warnings: [String] = []
        var lastAmount = ContinuousClock.now
    }

    private let tell: @Sendable (ProgressEvent) -> Void
    private let state = Mutex(State())

    init(_ tell: @escaping @Sendable (ProgressEvent) -> Void) { self.tell = tell }

    var seconds: [String: Double] { self.state.withLock { $0.seconds } }
    /// When each stage first began.
    var begun: [String: Date] { self.state.withLock { $0.begun } }
    var warnings: [String] { self.state.withLock { $0.warnings } }

    /// The backup that is being made, once it has an id.
    var backup: BackupID? {
        get { self.state.withLock { $0.backup } }
        set { self.state.withLock { $0.backup = newValue } }
    }

    /// Runs a stage: announces it, and measures it even when it fails.
    func stage<Result>(
        _ name: String,
        _ detail: String = "",
        body: () async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        self.state.withLock { state in
            state.lastAmount = .now
            state.begun[name] = state.begun[name] ?? Date()
        }
        self.tell(.stage(name, detail: detail))
        SyncPoint.reach(name)
        let start = ContinuousClock.now
        defer {
            let seconds = Self.rounded(ContinuousClock.now - start)
            self.state.withLock { $0.seconds[name, default: 0] += seconds }
        }
        return try await body()
    }

    func note(_ text: String) { self.tell(.note(text)) }

    func warn(_ text: String) {
        self.state.withLock { $0.warnings.append(text) }
        self.tell(.warning(text))
    }

    /// Tells that a request to the storage failed in a way that may pass, and is tried again.
    func retry(_ text: String) { self.tell(.retry(text)) }

    /// Tells how far a stage has come, a few times a second at the most.
    func amount(_ stage: String, _ done: Int64, of total: Int64 = 0, unit: String = "bytes") {
        let isDue = self.state.withLock { state in
            guard ContinuousClock.now - state.lastAmount > .milliseconds(500) else { return false }
            state.lastAmount = .now
            return true
        }
        if isDue { self.tell(.amount(stage: stage, done: done, total: total, unit: unit)) }
    }

    private static func rounded(_ duration: Duration) -> Double {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return (seconds * 1000).rounded() / 1000
    }
}

/// A named place where a run can be made to stop itself, so that tests act at an exact moment.
///
/// With `DORSAL_SYNC_POINT=name` in the environment the process sends itself SIGSTOP when it first comes there; SIGCONT
/// lets it go on.
enum SyncPoint {
    private static let wanted = ProcessInfo.processInfo.environment["DORSAL_SYNC_POINT"]

    private static let reached = Atomic(false)

    static func reach(_ name: String) {
        guard name == Self.wanted, !Self.reached.exchange(true, ordering: .relaxed) else { return }
        raise(SIGSTOP)
    }
}
