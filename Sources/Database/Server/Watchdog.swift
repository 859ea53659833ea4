package import Failures

/// A limit on waiting that measures progress: it passes when nothing has changed for too long.
package struct Watchdog {
    private let limit: Duration
    private let waitingFor: String
    private let hint: String?
    private var last: String?
    private var since: ContinuousClock.Instant

    /// - Parameters:
    ///   - limit: how long nothing may change.
    ///   - waitingFor: what is waited for, for the message.
    package init(limit: Duration, waitingFor: String, hint: String? = nil) {
        self.limit = limit
        self.waitingFor = waitingFor
        self.hint = hint
        self.since = .now
    }

    /// Notes how things stand.
    ///
    /// - Parameter token: a text that differs whenever there was progress.
    /// - Throws: ``Failure`` of class `notCaughtUp` when the text has not changed for the limit.
    package mutating func check(_ token: String, failureClass: Failure.Class = .notCaughtUp) throws {
        if token != self.last {
            self.last = token
            self.since = .now
        } else if ContinuousClock.now - self.since > self.limit {
            throw Failure(
                failureClass,
                "no progress for \(self.limit.components.seconds) s while waiting for \(self.waitingFor)",
                cause: "the last state was: \(token)",
                hint: self.hint
            )
        }
    }
}
