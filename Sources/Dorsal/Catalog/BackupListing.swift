import Archive
import Engines
import Failures
public import Foundation
import GTID

/// One backup in a list.
public struct BackupListing: Sendable, Encodable {
    /// Always `backup`.
    public let type = "backup"
    /// The backup's id.
    public let id: String
    /// The instance's name.
    public let instance: String
    /// When it was finished; nil when its manifest cannot be read.
    public let finished: Date?
    /// What copied the data.
    public let engine: String?
    /// The server that was backed up.
    public let server: String?
    /// The package's size in bytes.
    public let bytes: Int64?
    /// How far data and binary logs reach together.
    public let gtid: String?
    /// The package's path.
    public let local: String?
    /// What is wrong with the backup; nil when nothing is known to be.
    public let problem: String?

    init(_ id: BackupID, _ catalog: Catalog) {
        self.id = id.description
        self.instance = catalog.instance
        do {
            let manifest = try catalog.manifest(id)
            self.finished = manifest.finished
            self.engine = manifest.engine.kind.rawValue
            self.server = manifest.server.version
            self.bytes = manifest.package.digest.bytes
            self.gtid = manifest.reach.description
            let path = catalog.packagePath(manifest)
            self.local = path
            self.problem = FileManager.default.fileExists(atPath: path) ? nil : "the package is missing"
        } catch {
            self.finished = nil
            self.engine = nil
            self.server = nil
            self.bytes = nil
            self.gtid = nil
            self.local = nil
            self.problem = (error as? Failure)?.message ?? "\(error)"
        }
    }
}
