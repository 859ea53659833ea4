public import Failures

/// What was removed and what stayed, as `--json` prints it.
public struct RemovalSummary: Sendable, Encodable {
    /// Always `summary`.
    public let type = "summary"
    /// The instance's name.
    public let instance: String
    /// Whether nothing was touched: what is said to be removed and cleared would have been.
    public let dryRun: Bool
    /// What stays, newest first, place by place; of a deletion nothing is said.
    public internal(set) var kept: [Kept] = []
    /// What was removed.
    public internal(set) var removed: [Removed] = []
    /// What is not as it should be, and was left alone.
    public internal(set) var damaged: [Damaged] = []
    /// What failed runs had left behind and was cleared: paths and keys.
    public internal(set) var cleared: [String] = []
    /// What the user should look at; with any of these the exit code is 2.
    public internal(set) var warnings: [String] = []

    /// A backup that stays in a place.
    public struct Kept: Sendable, Encodable, Equatable {
        /// The backup's id.
        public let id: String
        /// `local` or `s3`.
        public let place: String
        /// The rules that keep it, such as `last 1` or `daily 2026-11-20`.
        public let reasons: [String]
    }

    /// A backup that was removed from a place.
    public struct Removed: Sendable, Encodable, Equatable {
        /// The backup's id.
        public let id: String
        /// `local` or `s3`.
        public let place: String
        /// What it took, in bytes.
        public let bytes: Int64
    }

    /// A backup that is not as it should be.
    public struct Damaged: Sendable, Encodable, Equatable {
        /// The backup's id.
        public let id: String
        /// `local` or `s3`.
        public let place: String
        /// What is wrong.
        public let problem: String
    }

    init(_ instance: String, isDryRun: Bool) {
        self.instance = instance
        self.dryRun = isDryRun
    }

    /// What all that was removed took, in bytes.
    public var bytes: Int64 { self.removed.reduce(0) { $0 + $1.bytes } }
}

/// Thrown when removing ended early, or not all places could be looked at.
public struct IncompleteRemoval: Error, Sendable {
    /// The first reason.
    public let failure: Failure
    /// What was done all the same.
    public let summary: RemovalSummary
}
