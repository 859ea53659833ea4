public import Failures

/// What reading one copy of a backup back found, as `--json` prints it.
public struct VerifyResult: Sendable, Encodable {
    /// Always `verified`.
    public let type = "verified"
    /// The backup's id.
    public let id: String
    /// `local` or `s3`.
    public let place: String
    /// The package's path or URL, or the manifest's where there is none to be read.
    public let package: String
    /// What was found.
    public let result: Outcome
    /// What is wrong.
    public let problem: String?
    /// What the problem's cause is.
    public let cause: String?
    /// The package's length in bytes.
    public let bytes: Int64?
    /// How many files it has.
    public let files: Int?
    /// How many of them are binary logs.
    public let binlogs: Int?

    /// What reading a copy back can find.
    public enum Outcome: String, Sendable, Encodable {
        /// Every byte is as it was written.
        case ok
        /// It is not what it should be.
        case damaged
        /// It could not be read; nothing is known of it.
        case unreadable
        /// It was removed meanwhile.
        case removed
    }
}

/// What a verification came to, as `--json` prints it.
public struct VerifySummary: Sendable, Encodable {
    /// Always `summary`.
    public let type = "summary"
    /// The instance's name.
    public let instance: String
    /// How many backups were read back.
    public let backups: Int
    /// How many copies of them were whole.
    public let ok: Int
    /// How many copies are damaged.
    public let damaged: Int
    /// How many copies could not be read.
    public let unreadable: Int
    /// Bytes that were read and whole.
    public let bytes: Int64
    /// What the random choice began with; nil when nothing was chosen at random.
    public let seed: UInt64?
    /// Seconds by stage.
    public let seconds: [String: Double]
    /// What the user should look at; with any of these the exit code is 2.
    public let warnings: [String]

    init(_ instance: String, _ results: [VerifyResult], seed: UInt64?, _ log: RunLog) {
        self.instance = instance
        self.backups = Set(results.map(\.id)).count
        self.ok = results.count { $0.result == .ok }
        self.damaged = results.count { $0.result == .damaged }
        self.unreadable = results.count { $0.result == .unreadable }
        self.bytes = results.filter { $0.result == .ok }.reduce(0) { $0 + ($1.bytes ?? 0) }
        self.seed = seed
        self.seconds = log.seconds
        self.warnings = log.warnings
    }
}

/// Thrown when backups were found damaged, or not all could be read; what could be checked was checked.
public struct IncompleteVerification: Error, Sendable {
    /// Of class `integrity` when anything is damaged; else why something could not be read.
    public let failure: Failure
    /// What was found.
    public let summary: VerifySummary
}
