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
    /// The package's path in the local repository; nil when it is not there.
    public let local: String?
    /// The package's URL in S3; nil when it is not there.
    public let s3: String?
    /// What is wrong with the backup; nil when nothing is known to be.
    public let problem: String?

    /// Looks at a backup in the places that have a manifest of it.
    init(_ id: BackupID, _ instance: String, _ places: [BackupPlace]) async {
        var manifest: Manifest?
        var addresses: [BackupPlace.Kind: String] = [:]
        var problems: [String] = []
        for place in places {
            do {
                guard let read = try await place.manifest(id) else { continue }
                manifest = manifest ?? read
                if let problem = try await place.problem(with: read) { throw problem }
                addresses[place.kind] = place.address(id, read.mainName)
            } catch {
                problems.append((error as? Failure)?.message ?? "\(error)")
            }
        }
        self.id = id.description
        self.instance = instance
        self.finished = manifest?.finished
        self.engine = manifest?.engine.kind.rawValue
        self.server = manifest?.server.version
        self.bytes = manifest?.bytes
        self.gtid = manifest?.reach.description
        self.local = addresses[.local]
        self.s3 = addresses[.s3]
        self.problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
    }
}
