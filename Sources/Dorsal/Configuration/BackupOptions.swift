extension Configuration {
    /// How backups are made.
    public struct BackupOptions: Sendable, Equatable {
        /// What copies the data.
        public var engine: EngineChoice
        /// The form of the package.
        public var package: PackageFormat
        /// Whether the package stays in the local repository after the upload.
        public var keepLocal: Bool
        /// The most bytes that are read in a second; nil for no limit.
        public var maxRate: Int64?
        /// Whether others go first when processor and disks are busy.
        public var lowPriority: Bool
        /// The folder for the engine's copy of the data; nil for the local repository.
        public var staging: String?
        /// How many threads copy and compress; nil for as many as there are cores.
        public var threads: Int?

        /// Makes the options.
        public init(
            engine: EngineChoice = .auto,
            package: PackageFormat = .targz,
            keepLocal: Bool = true,
            maxRate: Int64? = nil,
            lowPriority: Bool = false,
            staging: String? = nil,
            threads: Int? = nil
        ) {
            self.engine = engine
            self.package = package
            self.keepLocal = keepLocal
            self.maxRate = maxRate
            self.lowPriority = lowPriority
            self.staging = staging
            self.threads = threads
        }
    }

    /// What copies the data.
    public enum EngineChoice: String, Sendable, CaseIterable {
        /// Whatever fits the server best.
        case auto
        /// Percona XtraBackup, for MySQL and Percona Server.
        case xtrabackup
        /// mariabackup, for MariaDB.
        case mariabackup
        /// MySQL's own clone plugin.
        case clone
    }

    /// The form of a package.
    public enum PackageFormat: String, Sendable, CaseIterable {
        /// A tar archive compressed with gzip.
        case targz = "tar.gz"
        /// A tar archive compressed with zstd.
        case tarzst = "tar.zst"
        /// The engine's own stream, which needs no room for a copy.
        case stream
    }
}
