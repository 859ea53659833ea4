/// Decides what is written of a run and when; fed with events and times, it returns the text to write, often none.
///
/// It knows neither a clock nor a terminal. Times are the run's age.
package struct ProgressPrinter: Sendable {
    /// What the text is for.
    package enum Form: Sendable {
        /// A terminal: one line that is redrawn, and the lines that stay above it.
        case live
        /// A file or a pipe that people read: lines, few of them.
        case lines
        /// A program: JSON Lines.
        case json
    }

    /// A run's state as far as it was told.
    package private(set) var state = ProgressState()

    private let form: Form
    private let isQuiet: Bool
    private let plain: PlainLines

    /// The live line as it stands on the terminal; empty when there is none.
    private var drawn = ""
    private var drawnAt: Duration?
    private var statusAt = Duration.zero
    private var retryAt: Duration?
    /// What was kept back, to be told as soon as there may be a line again.
    private var unsaidRetry: String?
    private var unsaidAmount: String?

    private enum Interval {
        static let redraw = Duration.milliseconds(100)
        /// A little less than that at which amounts are told.
        static let status = Duration.milliseconds(450)
        static let retry = Duration.seconds(5)
        static let heartbeat = Duration.seconds(30)
    }

    /// - Parameter isQuiet: whether only warnings are to be told.
    package init(_ form: Form, isQuiet: Bool = false, paint: Paint = Paint(isOn: false)) {
        self.form = form
        self.isQuiet = isQuiet
        self.plain = PlainLines(paint)
    }

    /// The text for an event.
    ///
    /// - Parameter width: the terminal's columns.
    package mutating func take(_ event: ProgressEvent, at now: Duration, width: Int) -> String {
        switch event {
        case .stage(let name, let detail):
            let ended = self.endStage(.done, at: now)
            self.state.take(event, at: now)
            return ended + self.begin(name, detail, width)
        case .amount(let name, _, _, _):
            self.state.take(event, at: now)
            self.unsaidAmount = name
            return self.due(width)
        case .note(let text):
            self.state.take(event, at: now)
            return self.isQuiet ? "" : self.said(.note, text, self.plain.note(text), width)
        case .warning(let text):
            self.state.take(event, at: now)
            return self.said(.warning, text, self.plain.warning(text), width)
        case .retry(let text):
            self.state.take(event, at: now)
            self.unsaidRetry = text
            return self.due(width)
        }
    }

    /// The text that is due because time has passed.
    package mutating func tick(at now: Duration, width: Int) -> String {
        self.state.advance(to: now)
        return self.due(width)
    }

    /// The text that ends the stage which goes on, if there is one, and takes away the live line.
    package mutating func endStage(_ ending: StageEnding, at now: Duration) -> String {
        self.state.advance(to: now)
        let erased = self.erase()
        self.unsaidAmount = nil
        guard let (stage, seconds) = self.state.endStage(), self.form == .live, !self.isQuiet else { return erased }
        return erased + self.plain.ended(stage.name, stage.detail, seconds: seconds, ending) + "\n"
    }

    /// The text of the first signal that interrupts the run.
    package mutating func interrupted(at now: Duration, width: Int) -> String {
        self.state.advance(to: now)
        let text = "interrupted: cleaning up; once more ends at once"
        return self.said(.interrupted, text, text, width)
    }

    /// What takes the live line away and leaves the cursor at the beginning of its line.
    package mutating func erase() -> String {
        if self.drawn.isEmpty { return "" }
        self.drawn = ""
        return "\r\u{1B}[K"
    }
}

extension ProgressPrinter {
    private mutating func begin(_ name: String, _ detail: String, _ width: Int) -> String {
        if self.isQuiet { return "" }
        self.statusAt = self.state.elapsed
        return switch self.form {
        case .live: self.dueDrawing(width)
        case .lines: self.plain.stage(name, detail) + "\n"
        case .json: JSONLines().status(self.state.status(of: name)) + "\n"
        }
    }

    /// A line that stays, above the live one.
    private mutating func said(_ level: JSONLines.Level, _ text: String, _ line: String, _ width: Int) -> String {
        switch self.form {
        case .json: JSONLines().event(level, text, retries: level == .retry ? self.state.retries : nil) + "\n"
        case .lines: line + "\n"
        case .live: self.erase() + line + "\n" + self.dueDrawing(width)
        }
    }

    /// What was kept back and may be told by now, and the heartbeat.
    private mutating func due(_ width: Int) -> String {
        if self.isQuiet { return "" }
        let retry = self.dueRetry(width)
        return switch self.form {
        case .live: retry + self.dueDrawing(width)
        case .lines: retry + self.dueLine()
        case .json: retry + self.dueStatus()
        }
    }

    private mutating func dueRetry(_ width: Int) -> String {
        guard let text = self.unsaidRetry, self.hasPassed(Interval.retry, since: self.retryAt) else { return "" }
        (self.unsaidRetry, self.retryAt) = (nil, self.state.elapsed)
        return self.said(.retry, text, self.plain.retry(text, count: self.state.retries), width)
    }

    private mutating func dueLine() -> String {
        guard self.hasPassed(Interval.heartbeat, since: self.statusAt), let status = self.state.status else {
            return ""
        }
        self.statusAt = self.state.elapsed
        return self.plain.status(status) + "\n"
    }

    private mutating func dueStatus() -> String {
        let interval = self.unsaidAmount == nil ? Interval.heartbeat : Interval.status
        guard self.hasPassed(interval, since: self.statusAt) else { return "" }
        let status = self.unsaidAmount.map { self.state.status(of: $0) } ?? self.state.status
        (self.unsaidAmount, self.statusAt) = (nil, self.state.elapsed)
        return status.map { JSONLines().status($0) + "\n" } ?? ""
    }

    private mutating func dueDrawing(_ width: Int) -> String {
        guard !self.isQuiet, self.hasPassed(Interval.redraw, since: self.drawnAt) else { return "" }
        guard let status = self.state.status else { return "" }
        // The last column stays free, or the cursor would be on the next line.
        let text = StatusLine.text(status, width: max(1, width - 1))
        if text == self.drawn { return "" }
        (self.drawn, self.drawnAt) = (text, self.state.elapsed)
        return "\r\(text)\u{1B}[K"
    }

    private func hasPassed(_ interval: Duration, since earlier: Duration?) -> Bool {
        earlier.map { self.state.elapsed - $0 >= interval } ?? true
    }
}
