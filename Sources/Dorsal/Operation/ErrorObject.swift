package import Failures

/// Why a run failed, as `--json` prints it and as a hook reads it.
package struct ErrorObject: Encodable, Sendable {
    /// Always `error`.
    package let type = "error"
    /// The exit code.
    package let code: Int32
    /// The failure's class, or `interrupted`.
    package let `class`: String
    /// What happened, and to which object.
    package let message: String
    /// The server's or the system's own words.
    package let cause: String?
    /// What to do about it.
    package let hint: String?

    /// Makes the object of a failure.
    ///
    /// - Parameter interruption: the exit code when the run was interrupted.
    package init(_ failure: Failure, interruption: Int32? = nil) {
        self.code = interruption ?? failure.class.rawValue
        self.class = interruption == nil ? failure.class.name : "interrupted"
        self.message = failure.message
        self.cause = failure.cause
        self.hint = failure.hint
    }
}

extension ErrorObject {
    /// The exit code of an interruption when the signal is not known: SIGINT's.
    static let interruptionCode: Int32 = 130

    /// Makes the object of whatever ended a run.
    ///
    /// - Parameter isInterrupted: whether the run was cancelled; what it threw then is only a consequence.
    init(_ error: any Error, isInterrupted: Bool) {
        if isInterrupted || error is CancellationError {
            self.init(Failure(.internal, "interrupted"), interruption: Self.interruptionCode)
        } else if let incomplete = error as? IncompleteBackup {
            self.init(incomplete.failure)
        } else {
            let other = Failure(.internal, "something unexpected happened", cause: "\(error)")
            self.init(error as? Failure ?? other)
        }
    }
}
