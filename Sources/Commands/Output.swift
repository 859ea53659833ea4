import Dorsal
import Failures
import Foundation
import Progress
import Synchronization

/// What commands print: data on standard output, progress and errors on standard error; with `--json` all of it as
/// objects on standard output.
final class Output: Sendable {
    private let isJSON: Bool
    /// The colours of standard output.
    let paint: Paint

    private let started = ContinuousClock.now
    private let told: Stream
    private let errors: PlainLines
    /// Also keeps what is written in order, whoever tells it.
    private let printer: Mutex<ProgressPrinter>

    init(
        _ options: OutputOptions,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let paints = [Stream.output, .error].map { stream in
            Paint(isTerminal: stream.isTerminal, environment: environment, isRefused: options.noColor)
        }
        let isLive = Stream.error.isTerminal && environment["TERM"] != "dumb"
        self.isJSON = options.json
        self.paint = paints[0]
        self.told = options.json ? .output : .error
        self.errors = PlainLines(paints[1])
        let form: ProgressPrinter.Form = options.json ? .json : isLive ? .live : .lines
        self.printer = Mutex(ProgressPrinter(form, isQuiet: options.quiet, paint: paints[1]))
    }

    /// Tells an event of a run.
    func tell(_ event: ProgressEvent) { self.print { $0.take(event, at: $1, width: $2) } }

    /// Prints a result: as JSON, or as the text for people.
    ///
    /// A stage that goes on is over with it.
    func result(_ value: some Encodable, text: @autoclosure () -> String) {
        let line = self.isJSON ? JSONLines.encode(value) : text()
        self.print(before: (.output, line)) { printer, now, _ in printer.endStage(.done, at: now) }
    }

    /// Prints a part of a result, while the stage goes on.
    func line(_ value: some Encodable, text: @autoclosure () -> String) {
        let line = self.isJSON ? JSONLines.encode(value) : text()
        self.print(before: (.output, line)) { printer, _, _ in printer.erase() }
    }

    /// Ends the stage that goes on and takes the live line away.
    func end(_ ending: StageEnding) { self.print { printer, now, _ in printer.endStage(ending, at: now) } }

    /// Prints why a command failed.
    ///
    /// - Parameter interruption: the exit code when a signal ended the command.
    func failure(_ failure: Failure, interruption: Int32? = nil) {
        let line =
            self.isJSON
            ? JSONLines.encode(ErrorObject(failure, interruption: interruption)) : self.errors.error("\(failure)")
        let ending: StageEnding = interruption == nil ? .failed : .stopped
        self.print(before: (self.told, line)) { printer, now, _ in printer.endStage(ending, at: now) }
    }

    /// Says that a signal came and that the command cleans up.
    func interrupted() { self.print { $0.interrupted(at: $1, width: $2) } }

    /// Takes the live line away when nobody is writing: for an end at once, which must not wait for a reader.
    func abandon() {
        _ = self.printer.withLockIfAvailable { self.told.write($0.erase()) }
    }

    /// The stages so far, in the order in which they began.
    var stages: [String] { self.printer.withLock { $0.state.stages } }

    /// Keeps the live line and the heartbeat going while nothing happens, until the task is cancelled.
    func keepTicking() async {
        while (try? await Task.sleep(for: .milliseconds(200))) != nil {
            self.print { $0.tick(at: $1, width: $2) }
        }
    }

    private func print(
        before line: (stream: Stream, text: String)? = nil,
        _ render: (inout ProgressPrinter, Duration, Int) -> String
    ) {
        self.printer.withLock { printer in
            self.told.write(render(&printer, ContinuousClock.now - self.started, Stream.error.width))
            if let line { line.stream.write(line.text + "\n") }
        }
    }
}
