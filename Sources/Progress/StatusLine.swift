/// Renders a run's status as one line for people; pure.
package enum StatusLine {
    /// Seconds without a change from which on that is said.
    private static let still = 10.0

    /// The line, such as `[0:34] pack  12%  1.2/10.0 GiB  98.3 MiB/s  ETA 1:31  retries 2`.
    ///
    /// - Parameter width: the columns that there are; what does not fit is left out, the least needed first.
    package static func text(_ status: ProgressStatus, width: Int = .max) -> String {
        var parts = self.parts(status)
        while self.join(parts).count > width, let least = parts.dropFirst().min(by: { $0.rank < $1.rank }) {
            parts.removeAll { $0 == least }
        }
        return String(self.join(parts).prefix(max(0, width)))
    }

    /// A piece of the line; pieces with a low rank go first when there is no room.
    private struct Part: Equatable {
        let text: String
        let rank: Int
    }

    private static func join(_ parts: [Part]) -> String { parts.map(\.text).joined(separator: "  ") }

    private static func parts(_ status: ProgressStatus) -> [Part] {
        var parts = [Part(text: "[\(self.clock(status.secondsElapsed))] \(status.stage)", rank: 9)]
        if let amount = status.amount {
            parts += self.parts(amount)
        } else {
            parts.append(Part(text: "for \(self.clock(status.secondsInStage))", rank: 2))
        }
        if status.retries > 0 { parts.append(Part(text: "retries \(status.retries)", rank: 3)) }
        return parts
    }

    private static func parts(_ amount: ProgressStatus.Amount) -> [Part] {
        var parts: [Part] = []
        if let percent = amount.percent { parts.append(Part(text: "\(Int(percent))%", rank: 6)) }
        parts.append(Part(text: self.amount(amount), rank: 2))
        if amount.secondsUnchanged >= self.still {
            parts.append(Part(text: "stands still for \(self.clock(amount.secondsUnchanged))", rank: 5))
            return parts
        }
        if let rate = amount.rate, rate >= 0.1 {
            let text = amount.isBytes ? Sizes.text(rate) : Sizes.decimal(rate)
            parts.append(Part(text: "\(text)/s", rank: 1))
        }
        if let seconds = amount.secondsRemaining { parts.append(Part(text: "ETA \(self.clock(seconds))", rank: 4)) }
        return parts
    }

    private static func amount(_ amount: ProgressStatus.Amount) -> String {
        guard amount.isBytes else {
            return amount.total > 0 ? "\(amount.done)/\(amount.total) \(amount.unit)" : "\(amount.done) \(amount.unit)"
        }
        return amount.total > 0 ? Sizes.text(amount.done, of: amount.total) : Sizes.text(amount.done)
    }

    /// Seconds as a clock shows them, such as `1:02:03`.
    package static func clock(_ seconds: Double) -> String {
        let whole = seconds.isFinite ? Int(min(max(0, seconds), 1e9)) : 0
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        let tail = "\(hours > 0 ? self.two(minutes) : "\(minutes)"):\(self.two(whole % 60))"
        return hours > 0 ? "\(hours):\(tail)" : tail
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
