import Archive
import Dispatch
import Failures
import Synchronization

/// A bounded pipe between blocking code and asynchronous code, in either direction; one writer, one reader.
///
/// Whoever is faster waits for the other. Ended with a failure, it throws that failure at both.
package final class BytePipe: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var bytes = 0
        var isEnded = false
        var failure: (any Error)?
        /// What the blocking reader has begun to take.
        var rest: ArraySlice<UInt8> = []
        /// The asynchronous side, while it waits.
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    /// Wakes the blocking side.
    private let changed = DispatchSemaphore(value: 0)
    private let capacity: Int

    /// Makes a pipe that holds up to `capacity` bytes, or a single piece that is larger.
    package init(capacity: Int = 16 << 20) { self.capacity = capacity }

    // MARK: Either side

    /// Ends what is written; the reader gets what is left, then the end.
    package func end() { self.change { $0.isEnded = true } }

    /// Ends the pipe for both sides; the first failure is the one that counts.
    package func fail(_ error: any Error) {
        self.change {
            guard $0.failure == nil else { return }
            $0.failure = error
            $0.chunks = []
            $0.rest = []
            $0.bytes = 0
        }
    }

    // MARK: The asynchronous side

    /// Writes, and waits for room before.
    package func send(_ bytes: [UInt8]) async throws {
        while try !self.offer(bytes) { try await self.wait { self.hasRoom(for: bytes, $0) } }
    }

    /// Takes the next piece; nil at the end.
    package func next() async throws -> [UInt8]? {
        while true {
            switch try self.poll() {
            case .piece(let bytes): return bytes
            case .end: return nil
            case .nothing: try await self.wait { !$0.chunks.isEmpty || $0.isEnded }
            }
        }
    }

    // MARK: The blocking side

    /// Writes, and blocks until there is room.
    func sendBlocking(_ bytes: [UInt8]) throws {
        while try !self.offer(bytes) { self.changed.wait() }
    }

    /// Fills as much of the buffer as is at hand, and blocks until it is at least one byte; 0 means the end.
    func readBlocking(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count: Int? = try self.state.withLock { state in
                if let failure = state.failure { throw failure }
                if state.rest.isEmpty {
                    if state.chunks.isEmpty { return state.isEnded ? 0 : nil }
                    state.rest = state.chunks.removeFirst()[...]
                }
                let count = min(buffer.count, state.rest.count)
                buffer.copyBytes(from: state.rest.prefix(count))
                state.rest = state.rest.dropFirst(count)
                state.bytes -= count
                return count
            }
            if let count {
                self.wakeWaiter()
                return count
            }
            self.changed.wait()
        }
    }

    // MARK: Common parts

    private enum Polled {
        case piece([UInt8])
        case end
        case nothing
    }

    /// A single piece that is too large passes when nothing else is on its way.
    private func hasRoom(for bytes: [UInt8], _ state: State) -> Bool {
        state.bytes == 0 || state.bytes + bytes.count <= self.capacity
    }

    private func offer(_ bytes: [UInt8]) throws -> Bool {
        let taken = try self.state.withLock { state in
            if let failure = state.failure { throw failure }
            guard self.hasRoom(for: bytes, state) else { return false }
            if !bytes.isEmpty { state.chunks.append(bytes) }
            state.bytes += bytes.count
            return true
        }
        if taken { self.wake() }
        return taken
    }

    private func poll() throws -> Polled {
        let polled: Polled = try self.state.withLock { state in
            if let failure = state.failure { throw failure }
            guard !state.chunks.isEmpty else { return state.isEnded ? .end : .nothing }
            let piece = state.chunks.removeFirst()
            state.bytes -= piece.count
            return .piece(piece)
        }
        if case .piece = polled { self.wake() }
        return polled
    }

    /// Waits until something has changed; a task that is cancelled meanwhile ends the pipe.
    private func wait(until isReady: (State) -> Bool) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = self.state.withLock { state in
                    guard state.failure == nil, !isReady(state) else { return false }
                    state.waiter = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            self.fail(CancellationError())
        }
    }

    private func change(_ body: (inout State) -> Void) {
        self.state.withLock { body(&$0) }
        self.wake()
    }

    private func wake() {
        self.changed.signal()
        self.wakeWaiter()
    }

    private func wakeWaiter() {
        let waiter = self.state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
