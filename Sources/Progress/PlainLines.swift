/// Renders what is told as plain lines for people and log files; pure.
package struct PlainLines: Sendable {
    private let paint: Paint

    /// - Parameter paint: the colours of the stream that the lines are for.
    package init(_ paint: Paint = Paint(isOn: false)) { self.paint = paint }

    /// The line with which a stage begins.
    package func stage(_ name: String, _ detail: String) -> String { "==> \(Self.heading(name, detail))" }

    /// The line that stays of a stage.
    package func ended(_ name: String, _ detail: String, seconds: Double, _ ending: StageEnding) -> String {
        let word =
            switch ending {
            case .done: self.paint.green("done   ")
            case .failed: self.paint.red("failed ")
            case .stopped: self.paint.yellow("stopped")
            }
        return "\(word)  \(Self.heading(name, detail))  \(Sizes.decimal(max(0, seconds))) s"
    }

    /// The line of a status that is not redrawn.
    package func status(_ status: ProgressStatus) -> String { "    \(StatusLine.text(status))" }

    /// A line worth knowing.
    package func note(_ text: String) -> String { "    \(Self.printable(text))" }

    /// A line to look at.
    package func warning(_ text: String) -> String { "\(self.paint.yellow("warning:")) \(Self.printable(text))" }

    /// A line on a request that is tried again.
    ///
    /// - Parameter count: how many such requests there were in all.
    package func retry(_ text: String, count: Int) -> String { "    retry \(count): \(Self.printable(text))" }

    /// The lines of a failure, as its description gives them: what, cause, hint.
    package func error(_ description: String) -> String { "\(self.paint.red("error:")) \(Self.printable(description))" }

    /// The text without control characters, except line ends and tabs.
    ///
    /// Servers' words must not steer a terminal.
    package static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            result.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(result)
    }

    private static func heading(_ name: String, _ detail: String) -> String {
        self.printable(detail.isEmpty ? name : "\(name): \(detail)")
    }
}

/// How a stage ended.
package enum StageEnding: Sendable {
    case done, failed, stopped
}
