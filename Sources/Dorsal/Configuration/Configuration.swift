/// What Dorsal is told about an instance: where it runs, where its backups go, and who replicates with it.
///
/// It is read from a file by ``ConfigurationLoader``, or built in code.
public struct Configuration: Sendable, Equatable {
    /// The instance that is backed up or restored.
    public var instance: Instance
    /// Where backups are kept.
    public var repository: Repository
    /// How backups are made.
    public var backup: BackupOptions
    /// The peers that a restored instance catches up from.
    public var replication: Replication
    /// Which backups stay when old ones are removed.
    public var retention: Retention
    /// What is told to others around a backup.
    public var hooks: Hooks
    /// Where measurements go.
    public var metrics: Metrics
    /// Statements that put a value into a table and read it back, for a test that a restored instance is complete.
    public var completenessTest: CompletenessTest?
    /// The file that this was read from, as an absolute path.
    public var file: String?
    /// What is accepted but had better be changed, each in a sentence for people.
    public var warnings: [String]

    /// Makes a configuration.
    public init(
        instance: Instance,
        repository: Repository,
        backup: BackupOptions = BackupOptions(),
        replication: Replication = Replication(),
        retention: Retention = Retention(),
        hooks: Hooks = Hooks(),
        metrics: Metrics = Metrics(),
        completenessTest: CompletenessTest? = nil,
        file: String? = nil,
        warnings: [String] = []
    ) {
        self.instance = instance
        self.repository = repository
        self.backup = backup
        self.replication = replication
        self.retention = retention
        self.hooks = hooks
        self.metrics = metrics
        self.completenessTest = completenessTest
        self.file = file
        self.warnings = warnings
    }
}
