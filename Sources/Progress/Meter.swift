import Foundation

/// How fast one amount grows, and when it will be complete; times are the run's age.
struct Meter: Sendable {
    private(set) var done: Int64
    private(set) var total: Int64
    let unit: String

    /// Seconds over which a rate is smoothed: short enough to show a change, long enough to read.
    private static let smoothing = 10.0
    /// Seconds without news before a rate is taken to fall; amounts are told about twice a second.
    private static let patience = 2.0
    /// The shortest time from which a rate is taken; below it a burst of events would look like a storm.
    private static let shortest = 0.1
    /// Seconds without a change after which nothing is foretold.
    private static let stalled = 30.0
    /// Seconds beyond which a time to go says nothing.
    private static let longest = 100.0 * 86_400

    private var smoothed: Double?
    private var sampled: Duration
    private var sampledDone: Int64
    private var moved: Duration

    /// Begins with an amount from which nothing is known yet: a job that goes on with half of it done was not that fast.
    init(done: Int64, total: Int64, unit: String, at now: Duration) {
        (self.done, self.total, self.unit) = (max(0, done), max(0, total), unit)
        (self.sampled, self.sampledDone, self.moved) = (now, self.done, now)
    }

    mutating func take(done: Int64, total: Int64, at now: Duration) {
        let done = max(0, done)
        if done != self.done { self.moved = max(now, self.moved) }
        (self.done, self.total) = (done, max(0, total))
        guard done >= self.sampledDone else {
            // Something begins again; that is no negative rate.
            (self.sampled, self.sampledDone) = (now, done)
            return
        }
        let seconds = (now - self.sampled).inSeconds
        guard seconds >= Self.shortest else { return }
        let rate = Double(done - self.sampledDone) / seconds
        let weight = 1 - exp(-seconds / Self.smoothing)
        self.smoothed = self.smoothed.map { $0 + weight * (rate - $0) } ?? rate
        (self.sampled, self.sampledDone) = (now, done)
    }

    /// From 0 to 100, and 100 only when complete; nil when the total is unknown.
    var percent: Double? {
        guard self.total > 0 else { return nil }
        return self.done >= self.total ? 100 : min(99.9, Double(self.done) / Double(self.total) * 100)
    }

    /// Units a second; nil when unknown.
    func rate(at now: Duration) -> Double? {
        guard let smoothed else { return nil }
        let silence = max(0, (now - self.sampled).inSeconds - Self.patience)
        return smoothed * exp(-silence / Self.smoothing)
    }

    /// Seconds to go; nil when nobody can know, as when the total turned out to be wrong.
    func secondsRemaining(at now: Duration) -> Double? {
        guard self.total > 0, self.done <= self.total, self.secondsUnchanged(at: now) < Self.stalled else { return nil }
        guard let rate = self.rate(at: now), rate > 0 else { return nil }
        let seconds = Double(self.total - self.done) / rate
        return seconds < Self.longest ? seconds : nil
    }

    /// Seconds since the amount last changed.
    func secondsUnchanged(at now: Duration) -> Double { max(0, (now - self.moved).inSeconds) }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
