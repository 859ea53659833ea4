import Failures
import Glibc

/// A thread that is waited for, so that none is left behind.
final class BackgroundThread: Sendable {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let id: pthread_t

    /// Starts the thread.
    init(_ body: @escaping @Sendable () -> Void) throws {
        var id = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &id,
            nil,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                work.body()
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            throw Failure(
                .internal,
                "Cannot start a thread",
                cause: String(cString: strerror(code)),
                hint: "Raise the limit on processes (ulimit -u), or use fewer threads."
            )
        }
        self.id = id
    }

    /// Waits until the body has returned, which is to be done once.
    func join() { pthread_join(self.id, nil) }
}
