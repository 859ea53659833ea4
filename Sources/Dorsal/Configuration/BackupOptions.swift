extension Configuration {
    /// How backups are made.
    public struct BackupOptions: Sendable, Equatable {
        /// What copies the data.
        public var engine: EngineChoice
        /// The form of the package.
        public var package: PackageFormat
        /// Whether the package stays in the local repository after the upload.
        public var keepLocal: Bool

        /// Makes the options.
        public init(engine: EngineChoice = .auto, package: PackageFormat = .targz, keepLocal: Bool = true) {
            self.engine = engine
            self.package = package
            self.keepLocal = keepLocal
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
    }
}
