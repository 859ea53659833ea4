import Archive
import Database
import Engines
import Foundation
import GTID

/// Everything that is known of one backup; a backup exists once its manifest does.
///
/// It is written as JSON, keys in snake_case. Fields are only ever added; `version` rises when an older Dorsal could
/// not restore what a newer one wrote.
struct Manifest: Codable, Sendable, Equatable {
    /// The highest version that this Dorsal reads; it writes it for a backup with a stream, and 1 for all others.
    static let currentVersion = 2
    /// What a package is called beside its manifest.
    static func packageName(_ compression: PackageCompression, hasData: Bool = true) -> String {
        "\(hasData ? "package" : "files").\(compression.fileExtension)"
    }
    var version = 1
    let id: BackupID
    let instance: InstanceRecord
    let started: Date
    let finished: Date
    let server: ServerRecord
    let engine: EngineRecord
    let data: DataBoundary
    let binlogs: [BinlogRecord]
    /// The server's replication channels at the time.
    let channels: [ChannelRecord]
    /// The server's option files: where they were, and their names in the package.
    let configFiles: [ConfigFileRecord]
    /// The package; where there is a stream, all but the data.
    let package: PackageRecord
    /// The data, where it is not in the package.
    var stream: StreamRecord?

    /// Which instance was backed up.
    struct InstanceRecord: Codable, Sendable, Equatable {
        let name: String
        let port: UInt16
    }

    /// Which server it was.
    struct ServerRecord: Codable, Sendable, Equatable {
        let flavor: GTIDFlavor
        let version: String
        let uuid: String?
        let serverID: UInt32
        let dataDirectory: String
        let binlogBase: String
        let binlogIndex: String

        // JSONDecoder turns server_id into serverId, not serverID.
        enum CodingKeys: String, CodingKey {
            case flavor, version, uuid, dataDirectory, binlogBase, binlogIndex
            case serverID = "serverId"
        }
    }

    /// What made the copy of the data.
    struct EngineRecord: Codable, Sendable, Equatable {
        let kind: EngineKind
        let tool: String
    }

    /// One binary log in the package.
    struct BinlogRecord: Codable, Sendable, Equatable {
        let name: String
        let size: Int64
        /// What came before the file.
        let previous: GTIDSet
        /// What the file holds.
        let gtids: GTIDSet
        let serverIDs: [UInt32]
        /// How many transactions have no GTID.
        let anonymous: Int

        enum CodingKeys: String, CodingKey {
            case name, size, previous, gtids, anonymous
            case serverIDs = "serverIds"
        }
    }

    /// One replication channel, without its password.
    struct ChannelRecord: Codable, Sendable, Equatable {
        let name: String
        let host: String
        let port: UInt16
        let user: String
    }

    /// One option file.
    struct ConfigFileRecord: Codable, Sendable, Equatable {
        let path: String
        let packagePath: String
    }

    /// The package beside the manifest.
    struct PackageRecord: Codable, Sendable, Equatable {
        let name: String
        let digest: PackageDigest
    }
}

extension Manifest {
    /// The data as the copying tool streamed it.
    struct StreamRecord: Codable, Sendable, Equatable {
        let name: String
        /// `xbstream`.
        let format: String
        let compression: PackageCompression
        let bytes: Int64
        let sha256: String
        let sha1: String
        /// How many files it holds, and what they take.
        let files: Int
        let unpackedBytes: Int64
    }

    /// One of a backup's objects that lie beside its manifest.
    struct ObjectRecord: Sendable, Equatable {
        let name: String
        let bytes: Int64
        let sha256: String
        let sha1: String
    }

    /// All objects beside the manifest, the data first.
    var objects: [ObjectRecord] {
        let digest = self.package.digest
        let stream = self.stream.map {
            ObjectRecord(name: $0.name, bytes: $0.bytes, sha256: $0.sha256, sha1: $0.sha1)
        }
        let package = ObjectRecord(
            name: self.package.name,
            bytes: digest.bytes,
            sha256: digest.sha256,
            sha1: digest.sha1
        )
        return [stream, package].compactMap { $0 }
    }

    /// The name of the object that holds the data.
    var mainName: String { self.stream?.name ?? self.package.name }

    /// Bytes of all objects beside the manifest.
    var bytes: Int64 { self.objects.reduce(0) { $0 + $1.bytes } }

    /// How many files there are when unpacked.
    var fileCount: Int { self.package.digest.files.count + (self.stream?.files ?? 0) }

    /// What the binary logs cover, from what came before the first to the last event of the last.
    var binlogSet: GTIDSet {
        let empty = GTIDSet.empty(self.server.flavor)
        return self.binlogs.reduce(self.binlogs.first?.previous ?? empty) { $0.union($1.gtids) }.filled
    }

    /// What a server restored from this backup alone holds at the least.
    var reach: GTIDSet { self.data.lower.union(self.binlogSet) }

    /// Bytes of all files when unpacked.
    var unpackedBytes: Int64 {
        self.package.digest.files.reduce(self.stream?.unpackedBytes ?? 0) { $0 + $1.size }
    }

    /// The manifest as it is stored.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// The version that a stored manifest says it has, whatever else it holds; nil when it says none.
    static func version(of data: Data) -> Int? {
        struct Head: Decodable { let version: Int }
        return try? JSONDecoder().decode(Head.self, from: data).version
    }

    /// Reads a stored manifest.
    static func decode(_ data: Data) throws -> Manifest {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Manifest.self, from: data)
    }
}
