import Synchronization

/// What the thread that reads a source lets the others know.
final class SourceProgress: Sendable {
    private let bytes = Atomic<Int64>(0)
    private let state = Mutex<(format: StreamFormat?, total: StreamRecord?)>((nil, nil))

    /// How many compressed bytes were read.
    var position: Int64 {
        get { self.bytes.load(ordering: .relaxed) }
        set { self.bytes.store(newValue, ordering: .relaxed) }
    }

    /// The format; it is known before the first block is on its way.
    var format: StreamFormat? {
        get { self.state.withLock { $0.format } }
        set { self.state.withLock { $0.format = newValue } }
    }

    /// Length and digests of the whole, once its end was reached.
    var total: StreamRecord? {
        get { self.state.withLock { $0.total } }
        set { self.state.withLock { $0.total = newValue } }
    }
}
