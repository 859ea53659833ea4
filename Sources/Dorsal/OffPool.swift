import Dispatch
import Synchronization

/// Whether the task that blocking work is done for was cancelled; the work asks now and then.
final class CancellationFlag: Sendable {
    private let cancelled = Atomic(false)

    func set() { self.cancelled.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` when the task was cancelled.
    func check() throws {
        if self.cancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// Runs blocking work on a thread of its own, off the cooperative pool, and waits for it.
func offPool<Result: Sendable>(_ work: @escaping @Sendable (CancellationFlag) throws -> Result) async throws -> Result {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try work(flag) })
            }
        }
    } onCancel: {
        flag.set()
    }
}
