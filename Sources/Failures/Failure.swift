/// What went wrong, to which object, why, and what to do about it.
///
/// Every error that reaches a user is one of these. The message says what happened and names the object; the cause
/// quotes the server or the operating system; the hint is the remedy.
public struct Failure: Error, Sendable, Equatable {
    /// The class of a failure, which is also the process's exit code.
    public enum Class: Int32, Sendable, CaseIterable {
        /// Anything that is not one of the others.
        case `internal` = 1
        /// Done, with warnings.
        case warning = 2
        /// Nothing was published, or the target is not usable.
        case unusable = 3
        /// The storage failed in a way that may pass.
        case storageTemporary = 4
        /// Wrong bucket, credentials, permission, quota, or a full disk.
        case storage = 5
        /// The server cannot be reached, lacks a privilege or a setting, or returned an error.
        case database = 6
        /// A checksum differs, or something is cut short or corrupt.
        case integrity = 7
        /// History is missing; the target cannot be reached.
        case gap = 8
        /// Restored, but a peer's events are missing or no peer was reached.
        case notCaughtUp = 9
        /// Another run holds the lock.
        case locked = 11
        /// The command line or the configuration is wrong.
        case usage = 64

        /// The class's name in JSON output.
        public var name: String {
            switch self {
            case .internal: "internal"
            case .warning: "warning"
            case .unusable: "unusable"
            case .storageTemporary: "storage-temporary"
            case .storage: "storage"
            case .database: "database"
            case .integrity: "integrity"
            case .gap: "gap"
            case .notCaughtUp: "not-caught-up"
            case .locked: "locked"
            case .usage: "usage"
            }
        }
    }

    /// The class, which decides the exit code.
    public let `class`: Class
    /// What happened, and to which object.
    public let message: String
    /// The server's or the system's own words.
    public let cause: String?
    /// What to do about it.
    public let hint: String?

    /// Makes a failure.
    public init(_ class: Class, _ message: String, cause: String? = nil, hint: String? = nil) {
        self.class = `class`
        self.message = message
        self.cause = cause
        self.hint = hint
    }
}

extension Failure {
    /// The message and the cause in one line, for a failure that is told of while something goes on.
    public var line: String { self.cause.map { "\(self.message): \($0)" } ?? self.message }
}

extension Failure: CustomStringConvertible {
    /// The failure as people read it: the message, then the cause and the hint on lines of their own.
    public var description: String {
        var lines = [self.message]
        if let cause = self.cause { lines.append("cause: \(cause)") }
        if let hint = self.hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}
