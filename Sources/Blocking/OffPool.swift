import Foundation
import Synchronization

/// Whether the task that blocking work is done for was cancelled; the work asks now and then.
package final class CancellationFlag: Sendable {
    private let cancelled = Atomic(false)

    /// Makes a flag that is not set.
    package init() {}

    /// Says that the task was cancelled.
    package func set() { self.cancelled.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` when the task was cancelled.
    package func check() throws {
        if self.cancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// Runs blocking work on a thread of its own, off the cooperative pool, and waits for it.
///
/// A thread of its own it must be: the system's shared queues have as many as there are cores, Swift's tasks run on the
/// same ones, and work that blocks until a task has done something would wait for ever.
package func offPool<Result: Sendable>(
    _ work: @escaping @Sendable (CancellationFlag) throws -> Result
) async throws -> Result {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
        try await onOwnThread { try work(flag) }
    } onCancel: {
        flag.set()
    }
}

/// Runs blocking work on a thread of its own, and waits for it whether the task is cancelled or not.
package func onOwnThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result { try work() })
        }
    }
}

/// Runs blocking work on a thread of its own, and waits for it until the task is cancelled.
///
/// The thread is left to itself then: for looks at what may hang for good, such as a dead network file system, in a
/// process that ends soon.
///
/// - Throws: `CancellationError` when the task was cancelled first; else what the work throws.
package func untilCancelled<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    let (results, arrival) = AsyncThrowingStream<Result, any Error>.makeStream()
    Thread.detachNewThread {
        do {
            arrival.yield(try work())
            arrival.finish()
        } catch {
            arrival.finish(throwing: error)
        }
    }
    for try await result in results { return result }
    throw CancellationError()
}
