import Synchronization

/// Blocks that are free to be filled; what is in use at a time is bounded by the queues, and so is this.
final class BlockPool: Sendable {
    private let free = Mutex<[Block]>([])

    /// An empty block.
    func take() -> Block { self.free.withLock { $0.popLast() } ?? Block() }

    /// Takes a block back.
    func give(_ block: consuming Block) {
        block.clear()
        let empty = block
        self.free.withLock { $0.append(empty) }
    }
}
