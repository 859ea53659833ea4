import Archive
import Engines
public import Foundation
import GTID

/// Everything that is known of one backup.
public struct BackupDetails: Sendable, Encodable {
    /// What a list says of it.
    public let listing: BackupListing
    /// When it was begun.
    public let started: Date
    /// The server: its kind, UUID, server-id, port and data directory.
    public let origin: Origin
    /// What copied the data, with its version.
    public let tool: String
    /// What the data holds at the least and at the most.
    public let data: Bounds
    /// The binary logs, in order.
    public let binlogs: [Binlog]
    /// The package and its checksums.
    public let package: Package
    /// The manifest as JSON text.
    public let manifest: String

    /// Which server was backed up.
    public struct Origin: Sendable, Encodable {
        /// `mysql` or `mariadb`.
        public let flavor: String
        /// Its UUID; MariaDB has none.
        public let uuid: String?
        /// Its server-id.
        public let serverId: UInt32
        /// Its port.
        public let port: UInt16
        /// Its data directory.
        public let dataDirectory: String
    }

    /// The GTID sets between which a copy of the data stands.
    public struct Bounds: Sendable, Encodable {
        /// What it holds at the least.
        public let lower: String
        /// What it holds at the most.
        public let upper: String
    }

    /// A binary log.
    public struct Binlog: Sendable, Encodable {
        /// The file's name.
        public let name: String
        /// Its length in bytes.
        public let bytes: Int64
        /// The GTIDs of its transactions.
        public let gtids: String
    }

    /// The package.
    public struct Package: Sendable, Encodable {
        /// Its name beside the manifest.
        public let name: String
        /// Its length in bytes.
        public let bytes: Int64
        /// Bytes of all files when unpacked.
        public let unpackedBytes: Int64
        /// How many files it has.
        public let files: Int
        /// Its SHA-256, in hexadecimal.
        public let sha256: String
        /// Its SHA-1, in hexadecimal.
        public let sha1: String
    }

    init(_ manifest: Manifest, _ listing: BackupListing) throws {
        let server = manifest.server
        let main = manifest.objects[0]
        self.listing = listing
        self.started = manifest.started
        self.origin = Origin(
            flavor: "\(server.flavor)",
            uuid: server.uuid,
            serverId: server.serverID,
            port: manifest.instance.port,
            dataDirectory: server.dataDirectory
        )
        self.tool = manifest.engine.tool
        self.data = Bounds(lower: "\(manifest.data.lower)", upper: "\(manifest.data.upper)")
        self.binlogs = manifest.binlogs.map { Binlog(name: $0.name, bytes: $0.size, gtids: "\($0.gtids)") }
        self.package = Package(
            name: main.name,
            bytes: manifest.bytes,
            unpackedBytes: manifest.unpackedBytes,
            files: manifest.fileCount,
            sha256: main.sha256,
            sha1: main.sha1
        )
        self.manifest = String(decoding: try manifest.encoded(), as: UTF8.self)
    }

    private enum CodingKeys: CodingKey { case started, origin, tool, data, binlogs, package }

    /// Encodes the fields of the listing, and those that only this has; the manifest is not among them.
    public func encode(to encoder: any Encoder) throws {
        try self.listing.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.started, forKey: .started)
        try container.encode(self.origin, forKey: .origin)
        try container.encode(self.tool, forKey: .tool)
        try container.encode(self.data, forKey: .data)
        try container.encode(self.binlogs, forKey: .binlogs)
        try container.encode(self.package, forKey: .package)
    }
}
