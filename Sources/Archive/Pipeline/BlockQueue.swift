import Dispatch
import Synchronization

/// Blocks in order from one thread to another; who is faster waits for the other.
final class BlockQueue: Sendable {
    private struct State {
        var blocks: [Block] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    // Both begin at 0: a semaphore must not be let go of below the value that it began with.
    private let room = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    /// - Parameter capacity: How many blocks may wait.
    init(capacity: Int) { for _ in 0..<capacity { self.room.signal() } }

    /// Adds a block, when there is room.
    ///
    /// - Returns: False when the queue was stopped; the block is dropped then.
    func put(_ block: Block, waiting: (() throws -> Void)? = nil) throws -> Bool {
        try Self.wait(for: self.room, waiting)
        let isTaken = self.state.withLock { state in
            if !state.isStopped { state.blocks.append(block) }
            return !state.isStopped
        }
        (isTaken ? self.filled : self.room).signal()
        return isTaken
    }

    /// Takes the next block, when there is one.
    ///
    /// - Returns: Nil at the end, and when the queue was stopped.
    func take(waiting: (() throws -> Void)? = nil) throws -> Block? {
        try Self.wait(for: self.filled, waiting)
        let block: Block? = self.state.withLock { state in
            state.isStopped || state.blocks.isEmpty ? nil : state.blocks.removeFirst()
        }
        (block == nil ? self.filled : self.room).signal()
        return block
    }

    /// Says that no block follows.
    func end() { self.filled.signal() }

    /// Drops what waits, and lets nobody wait any more.
    func stop() {
        self.state.withLock { state in
            state.isStopped = true
            state.blocks = []
        }
        self.room.signal()
        self.filled.signal()
    }

    /// Waits; calls `waiting` ten times a second meanwhile, and what that throws ends the wait.
    private static func wait(for semaphore: DispatchSemaphore, _ waiting: (() throws -> Void)?) throws {
        guard let waiting else { return semaphore.wait() }
        while semaphore.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try waiting() }
    }
}
