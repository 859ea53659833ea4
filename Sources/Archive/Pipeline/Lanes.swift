import Synchronization

/// Threads that transform blocks side by side, each with a queue in and a queue out.
///
/// Order needs no bookkeeping: where each block becomes one block, block n goes into lane n modulo their number and is
/// awaited there. A coder that makes another number of blocks of one has a single lane. All queues are bounded, so that
/// memory is, and the slowest stage sets the pace.
final class Lanes: Sendable {
    /// That another stage failed, or that nobody waits any more.
    struct Stopped: Error {}

    let pool = BlockPool()
    /// How many there are.
    let count: Int
    private let inputs: [BlockQueue]
    private let outputs: [BlockQueue]
    private let failure = Mutex<(any Error)?>(nil)

    init(count: Int) {
        self.count = count
        self.inputs = (0..<count).map { _ in BlockQueue(capacity: 2) }
        self.outputs = (0..<count).map { _ in BlockQueue(capacity: 2) }
    }

    /// Starts a thread for each lane, and keeps those that run even when one cannot be started.
    func start(
        keepingIn threads: inout [BackgroundThread],
        _ coder: @escaping @Sendable () -> any BlockCoder
    ) throws {
        for lane in 0..<self.count { threads.append(try BackgroundThread { self.run(lane, coder()) }) }
    }

    /// Puts a block into a lane, when there is room.
    ///
    /// - Parameter waiting: Called ten times a second while there is none; what it throws ends the wait.
    /// - Throws: The first failure of any stage.
    func send(_ block: Block, to lane: Int, waiting: (() throws -> Void)? = nil) throws {
        guard try self.inputs[lane % self.count].put(block, waiting: waiting) else { throw self.reason }
    }

    /// Takes the next block that comes out of a lane, or nil at the end.
    ///
    /// - Throws: The first failure of any stage, and what `waiting` throws.
    func receive(from lane: Int, waiting: (() throws -> Void)? = nil) throws -> Block? {
        let block = try self.outputs[lane % self.count].take(waiting: waiting)
        if block == nil, let failure = self.failure.withLock({ $0 }) { throw failure }
        return block
    }

    /// Says that no block follows in any lane.
    func end() { for queue in self.inputs { queue.end() } }

    /// Stops all stages; the first failure is what each of them throws from then on.
    func fail(_ error: any Error) {
        self.failure.withLock { if $0 == nil { $0 = error } }
        for queue in self.inputs + self.outputs { queue.stop() }
    }

    /// Throws the first failure, if there was one.
    func check() throws { if let failure = self.failure.withLock({ $0 }) { throw failure } }

    private var reason: any Error { self.failure.withLock { $0 } ?? Stopped() }

    private func run(_ lane: Int, _ coder: any BlockCoder) {
        let output = self.outputs[lane]
        let emit: (Block) throws -> Void = { guard try output.put($0) else { throw Stopped() } }
        do {
            while let block = try self.inputs[lane].take() { try coder.code(block, emit: emit) }
            try self.check()
            try coder.finish(emit: emit)
            output.end()
        } catch {
            self.fail(error)
        }
    }
}
