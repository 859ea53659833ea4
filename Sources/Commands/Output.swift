import Dorsal
import Failures
import Foundation
import Progress

/// What commands print: data on standard output, progress and errors on standard error.
struct Output: Sendable {
    let json: Bool

    /// Tells an event of a run.
    func tell(_ event: ProgressEvent) {
        if self.json {
            Self.write(JSONLines().line(for: event), to: .standardOutput)
        } else if let line = PlainLines().line(for: event) {
            Self.write(line, to: .standardError)
        }
    }

    /// Prints a result: as JSON, or as the text for people.
    func result(_ value: some Encodable, text: @autoclosure () -> String) {
        Self.write(self.json ? JSONLines.encode(value) : text(), to: .standardOutput)
    }

    /// Prints why a command failed.
    ///
    /// - Parameter interruption: the exit code when a signal ended the command.
    func failure(_ failure: Failure, interruption: Int32? = nil) {
        if self.json {
            Self.write(JSONLines.encode(ErrorObject(failure, interruption)), to: .standardOutput)
        } else {
            Self.write("error: \(failure)", to: .standardError)
        }
    }

    private static func write(_ line: String, to handle: FileHandle) {
        // Nobody may be reading any more; that is not a reason to fail.
        try? handle.write(contentsOf: Data((line + "\n").utf8))
    }

    private struct ErrorObject: Encodable {
        let type = "error"
        let code: Int32
        let `class`: String
        let message: String
        let cause: String?
        let hint: String?

        init(_ failure: Failure, _ interruption: Int32?) {
            self.code = interruption ?? failure.class.rawValue
            self.class = interruption == nil ? failure.class.name : "interrupted"
            self.message = failure.message
            self.cause = failure.cause
            self.hint = failure.hint
        }
    }
}
