import Dispatch
import Synchronization

/// Digests the compressed blocks in order and writes them to every sink: one thread's work.
final class OutputStage: Sendable {
    private let sinks: [any ByteSink]
    private let lanes: Lanes
    private let total = Mutex<StreamRecord?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(sinks: [any ByteSink], lanes: Lanes) {
        self.sinks = sinks
        self.lanes = lanes
    }

    /// Writes to the end; a failure stops the lanes, and nothing more reaches any sink.
    func run() {
        defer { self.isDone.signal() }
        do {
            var digest = StreamDigest()
            var lane = 0
            while let block = try self.lanes.receive(from: lane) {
                try block.withBytes { bytes in
                    digest.update(bytes)
                    for sink in self.sinks { try sink.write(bytes) }
                }
                self.lanes.pool.give(block)
                lane += 1
            }
            self.total.withLock { $0 = digest.record }
        } catch {
            self.lanes.fail(error)
        }
    }

    /// Waits until every sink has everything.
    ///
    /// - Parameter waiting: Called ten times a second meanwhile; what it throws ends the wait.
    /// - Throws: The first failure of any stage.
    func finish(waiting: () throws -> Void) throws -> StreamRecord {
        while self.isDone.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try waiting() }
        self.isDone.signal()
        try self.lanes.check()
        guard let total = self.total.withLock({ $0 }) else { throw Lanes.Stopped() }
        return total
    }
}
