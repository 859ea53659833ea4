import Glibc

/// A limit on how many bytes pass in a second: a bucket of tokens that fills by a monotonic clock.
///
/// In any time t no more pass than `bytesPerSecond` × (t + ``burst``), and one piece.
package struct RateLimit {
    /// How much may be made up for after a pause.
    package static let burst = Duration.milliseconds(250)
    /// The longest sleep before cancellation is looked at.
    static let slice = Duration.milliseconds(50)

    private let bytesPerSecond: Double
    private let now: () -> Duration
    private let sleep: (Duration) -> Void
    private var tokens: Double
    private var last: Duration

    /// Begins with a full bucket.
    ///
    /// - Parameter bytesPerSecond: The limit, at least 1; less counts as 1.
    package init(bytesPerSecond: Int64) {
        self.init(bytesPerSecond: bytesPerSecond, now: Self.monotonic, sleep: Self.nap)
    }

    /// - Parameters:
    ///   - now: A clock that does not go back.
    ///   - sleep: Lets about so much time pass.
    init(bytesPerSecond: Int64, now: @escaping () -> Duration, sleep: @escaping (Duration) -> Void) {
        self.bytesPerSecond = Double(max(bytesPerSecond, 1))
        self.now = now
        self.sleep = sleep
        self.tokens = self.bytesPerSecond * (Self.burst / .seconds(1))
        self.last = now()
    }

    /// Waits until the bytes may pass.
    ///
    /// - Parameter checkCancellation: Called twenty times a second while it waits; what it throws ends the wait.
    package mutating func pass(_ bytes: Int, checkCancellation: () throws -> Void) rethrows {
        self.refill()
        self.tokens -= Double(bytes)
        while self.tokens < 0 {
            try checkCancellation()
            self.sleep(min(Self.slice, .seconds(-self.tokens / self.bytesPerSecond)))
            self.refill()
        }
    }

    private mutating func refill() {
        let time = self.now()
        let gained = (time - self.last) / .seconds(1) * self.bytesPerSecond
        self.tokens = min(self.tokens + gained, self.bytesPerSecond * (Self.burst / .seconds(1)))
        self.last = time
    }

    private static func monotonic() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func nap(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // A signal may end the sleep early: who sleeps looks at the clock again.
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000) + 1)
        nanosleep(&time, nil)
    }
}
