import Archive
import Engines
public import Failures
import GTID

/// What a backup that was made is, as `--json` prints it.
public struct BackupSummary: Sendable, Encodable {
    /// Always `summary`.
    public let type = "summary"
    /// The backup's id.
    public let id: String
    /// The instance's name, which is its folder in the repository.
    public let instance: String
    /// What copied the data.
    public let engine: String
    /// The package.
    public let package: Package
    /// How far the data and the binary logs reach.
    public let gtid: Reach
    /// Seconds by stage.
    public internal(set) var seconds: [String: Double]
    /// What the user should look at; with any of these the exit code is 2.
    public internal(set) var warnings: [String]

    /// Where the package is, and what proves it.
    public struct Package: Sendable, Encodable {
        /// The package's size.
        public let bytes: Int64
        /// Its SHA-256, in hexadecimal.
        public let sha256: String
        /// Its SHA-1, in hexadecimal.
        public let sha1: String
        /// Its path in the local repository.
        public let local: String?
        /// Its URL in S3.
        public let s3: String?
    }

    /// GTID sets as the server writes them.
    public struct Reach: Sendable, Encodable {
        /// What the data holds at the least.
        public let data: String
        /// What the binary logs reach.
        public let binlog: String
    }

    init(_ manifest: Manifest, local: String?, s3: String?, warnings: [String], seconds: [String: Double]) {
        self.id = manifest.id.description
        self.instance = manifest.instance.name
        self.engine = manifest.engine.kind.rawValue
        let digest = manifest.package.digest
        self.package = Package(bytes: digest.bytes, sha256: digest.sha256, sha1: digest.sha1, local: local, s3: s3)
        self.gtid = Reach(data: manifest.data.lower.description, binlog: manifest.binlogSet.description)
        self.seconds = seconds
        self.warnings = warnings
    }
}

/// Thrown when a backup was made and published, but not everywhere it was to be kept.
public struct IncompleteBackup: Error, Sendable {
    /// Where it is missing, and why.
    public let failure: Failure
    /// The backup that there is.
    public let summary: BackupSummary

    init(failure: Failure, _ summary: BackupSummary) {
        self.failure = failure
        self.summary = summary
    }
}
