import Failures

/// Which backups to read back.
public struct VerifyOptions: Sendable {
    /// A choice of backups.
    public enum Selection: Sendable, Equatable {
        /// The newest.
        case newest
        /// One by its id.
        case one(BackupID)
        /// All there are.
        case all
        /// A share of all backups, in percent, at least one: those that were not read back for longest, in random order
        /// where that is equal.
        case sample(percent: Double)
    }

    /// Which backups.
    public var selection: Selection
    /// Where; nil means every place where they lie.
    public var repository: Configuration.Retention.Place?
    /// What random choices begin with; nil means at random.
    public var seed: UInt64?

    /// Makes options.
    public init(
        _ selection: Selection = .newest,
        repository: Configuration.Retention.Place? = nil,
        seed: UInt64? = nil
    ) {
        self.selection = selection
        self.repository = repository
        self.seed = seed
    }

    /// A share as people write it, such as `5%` or `0.5%`.
    ///
    /// - Returns: the share in percent, above 0 and up to 100; nil for any other text.
    package static func percent(_ text: String) -> Double? {
        guard text.wholeMatch(of: #/\d{1,3}(\.\d{1,6})?%/#) != nil, let value = Double(text.dropLast()), value > 0,
            value <= 100
        else { return nil }
        return value
    }
}

extension BackupPlace.Kind {
    init(_ place: Configuration.Retention.Place) { self = place == .local ? .local : .s3 }
}
