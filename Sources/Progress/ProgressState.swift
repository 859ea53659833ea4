/// How far a run has come; it is fed with events and times, and knows neither a clock nor a terminal.
///
/// Times are the run's age. One that is earlier than the one before counts as that one.
package struct ProgressState: Sendable {
    /// A stage that goes on.
    package struct Stage: Sendable {
        /// What it is called.
        package let name: String
        /// What it works on; may be empty.
        package let detail: String
        fileprivate let begun: Duration
    }

    /// The run's age at the last event or tick.
    package private(set) var elapsed = Duration.zero
    /// The stage that goes on; nil between stages.
    package private(set) var stage: Stage?
    /// The names of all stages so far, in the order in which they first began.
    package private(set) var stages: [String] = []
    /// How often requests to the storage were tried again.
    package private(set) var retries = 0

    private var meters: [String: Meter] = [:]
    private var lastAmount: String?

    /// A run that begins.
    package init() {}

    /// Takes in an event.
    package mutating func take(_ event: ProgressEvent, at now: Duration) {
        self.advance(to: now)
        switch event {
        case .stage(let name, let detail): self.begin(name, detail)
        case .amount(let name, let done, let total, let unit): self.measure(name, done, total, unit)
        case .retry: self.retries += 1
        case .note, .warning: break
        }
    }

    /// Lets time pass.
    package mutating func advance(to now: Duration) { self.elapsed = max(self.elapsed, now) }

    /// Ends the stage that goes on.
    ///
    /// - Returns: its name and detail, and its seconds; nil when none went on.
    package mutating func endStage() -> (stage: Stage, seconds: Double)? {
        guard let stage = self.stage else { return nil }
        self.stage = nil
        (self.meters, self.lastAmount) = ([:], nil)
        return (stage, (self.elapsed - stage.begun).inSeconds)
    }

    private mutating func begin(_ name: String, _ detail: String) {
        self.stage = Stage(name: name, detail: detail, begun: self.elapsed)
        (self.meters, self.lastAmount) = ([:], nil)
        if !self.stages.contains(name) { self.stages.append(name) }
    }

    private mutating func measure(_ name: String, _ done: Int64, _ total: Int64, _ unit: String) {
        self.lastAmount = name
        if var meter = self.meters[name], meter.unit == unit {
            meter.take(done: done, total: total, at: self.elapsed)
            self.meters[name] = meter
        } else {
            self.meters[name] = Meter(done: done, total: total, unit: unit, at: self.elapsed)
        }
    }

    /// What there is to say now, of the stage that goes on; nil when nothing goes on.
    ///
    /// Where another amount is told during a stage that has none of its own, that one stands for it.
    package var status: ProgressStatus? {
        let own = self.stage.flatMap { self.meters[$0.name] == nil ? nil : $0.name }
        return (own ?? self.lastAmount ?? self.stage?.name).map { self.status(of: $0) }
    }

    /// What there is to say now of a stage by its name.
    package func status(of name: String) -> ProgressStatus {
        let isCurrent = self.stage?.name == name
        return ProgressStatus(
            secondsElapsed: self.elapsed.inSeconds,
            stage: name,
            detail: isCurrent ? self.stage?.detail ?? "" : "",
            secondsInStage: (self.elapsed - (self.stage?.begun ?? self.elapsed)).inSeconds,
            retries: self.retries,
            amount: self.meters[name].map { meter in
                ProgressStatus.Amount(
                    done: meter.done,
                    total: meter.total,
                    unit: meter.unit,
                    percent: meter.percent,
                    rate: meter.rate(at: self.elapsed),
                    secondsRemaining: meter.secondsRemaining(at: self.elapsed),
                    secondsUnchanged: meter.secondsUnchanged(at: self.elapsed)
                )
            }
        )
    }
}

/// What there is to say of a run at one moment.
package struct ProgressStatus: Sendable, Equatable {
    /// How far a stage has come.
    package struct Amount: Sendable, Equatable {
        package var done: Int64
        /// 0 when unknown.
        package var total: Int64
        package var unit: String
        /// From 0 to 100; nil when the total is unknown.
        package var percent: Double?
        /// Units a second, smoothed; nil when unknown.
        package var rate: Double?
        package var secondsRemaining: Double?
        package var secondsUnchanged: Double

        package var isBytes: Bool { self.unit == "bytes" }
    }

    package var secondsElapsed: Double
    package var stage: String
    package var detail: String
    package var secondsInStage: Double
    package var retries: Int
    package var amount: Amount?
}
