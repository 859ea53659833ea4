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
    /// The package; where there is a stream, all but the data.
    public let package: Package
    /// The data, where it is not in the package.
    public let stream: Package?
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

        init(_ object: Manifest.ObjectRecord, _ id: BackupID, local: BackupPlace?, s3: BackupPlace?) {
            self.bytes = object.bytes
            self.sha256 = object.sha256
            self.sha1 = object.sha1
            self.local = local?.address(id, object.name)
            self.s3 = s3?.address(id, object.name)
        }
    }

    /// GTID sets as the server writes them.
    public struct Reach: Sendable, Encodable {
        /// What the data holds at the least.
        public let data: String
        /// What the binary logs reach.
        public let binlog: String
    }

    init(_ manifest: Manifest, local: BackupPlace?, s3: BackupPlace?, warnings: [String], seconds: [String: Double]) {
        self.id = manifest.id.description
        self.instance = manifest.instance.name
        self.engine = manifest.engine.kind.rawValue
        let packages = manifest.objects.map { Package($0, manifest.id, local: local, s3: s3) }
        self.package = packages[packages.count - 1]
        self.stream = packages.count > 1 ? packages[0] : nil
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
