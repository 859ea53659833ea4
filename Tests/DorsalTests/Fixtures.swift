import Archive
import Engines
import Failures
import Foundation
import GTID
import Progress
import Storage
import Synchronization
import TestSupport

@testable import Database
@testable import Dorsal

/// Two servers' UUIDs.
enum UUIDs {
    static let one = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    static let two = "5b11fa47-71ca-11e1-9e33-c80aa9429562"
}

/// A set of GTIDs of the first server, such as `1-5`, or any MySQL set when it holds a UUID.
func mysqlSet(_ text: String) throws -> GTIDSet {
    try GTIDSet(parsing: text.isEmpty || text.count > 36 ? text : "\(UUIDs.one):\(text)", flavor: .mysql)
}

func mariadbSet(_ text: String) throws -> GTIDSet { try GTIDSet(parsing: text, flavor: .mariadb) }

extension Manifest {
    /// A manifest with all its fields filled in.
    static func sample(
        id: String = "20261122T094058Z-1f3a9c",
        instance: String = "orders",
        dataDirectory: String = "/var/lib/mysql",
        binlogBase: String = "/var/lib/mysql/bin",
        data: String = "1-100",
        binlogs: [BinlogRecord]? = nil,
        package: String = "package.tar.gz"
    ) throws -> Manifest {
        Manifest(
            id: try BackupID(id),
            instance: InstanceRecord(name: instance, port: 3306),
            started: Date(timeIntervalSince1970: 1_700_000_000),
            finished: Date(timeIntervalSince1970: 1_700_000_060),
            server: ServerRecord(
                flavor: .mysql,
                version: "9.7.4-2",
                uuid: UUIDs.one,
                serverID: 1,
                dataDirectory: dataDirectory,
                binlogBase: binlogBase,
                binlogIndex: "\(binlogBase).index"
            ),
            engine: EngineRecord(kind: .clone, tool: "clone 9.7.4"),
            data: DataBoundary(lower: try mysqlSet(data), upper: try mysqlSet(data)),
            binlogs: try binlogs ?? [.sample("bin.000001", "", "1-90"), .sample("bin.000002", "1-90", "91-120")],
            channels: [ChannelRecord(name: "source-2", host: "db2", port: 3307, user: "repl")],
            configFiles: [ConfigFileRecord(path: "/etc/my.cnf", packagePath: "my.cnf")],
            package: PackageRecord(
                name: package,
                digest: PackageDigest(
                    bytes: 4096,
                    sha256: "a2",
                    sha1: "a1",
                    files: [PackageFile(path: "data/ibdata1", size: 2 << 20, sha256: "f1", mode: 0o640)],
                    directories: [PackageDirectory(path: "data", mode: 0o750)]
                )
            )
        )
    }
}

extension Manifest.BinlogRecord {
    static func sample(
        _ name: String,
        _ previous: String,
        _ gtids: String,
        serverIDs: [UInt32] = [1, 2],
        anonymous: Int = 0
    ) throws -> Manifest.BinlogRecord {
        Manifest.BinlogRecord(
            name: name,
            size: 1000,
            previous: try mysqlSet(previous),
            gtids: try mysqlSet(gtids),
            serverIDs: serverIDs,
            anonymous: anonymous
        )
    }
}

extension BackupPlace {
    /// The instance `orders` in a local folder.
    static func local(_ root: String) -> BackupPlace {
        BackupPlace(kind: .local, store: LocalObjectStore(LocalFolder(root: root)), instance: "orders")
    }
}

extension Configuration {
    /// A configuration of the instance `orders`.
    static func sample(
        data: String = "/var/lib/mysql",
        local: String? = "/backup",
        staging: String? = nil,
        port: UInt16 = 3306,
        socket: String = "/run/orders.sock",
        temporaryServerID: UInt32? = nil
    ) -> Configuration {
        Configuration(
            instance: Instance(
                name: "orders",
                id: 1,
                port: port,
                dataDirectory: data,
                myCnf: "/etc/orders.cnf",
                socket: socket
            ),
            repository: Repository(local: local),
            backup: BackupOptions(staging: staging),
            replication: Replication(temporaryServerID: temporaryServerID)
        )
    }
}

extension Peer {
    static let two = Peer(id: 2, channel: "source-2", host: "db2", port: 3306, user: "repl", password: Secret("p"))
    static let three = Peer(id: 3, channel: "source-3", host: "db3", port: 3306, user: "repl", password: Secret("p"))
}

extension ServerFacts {
    static let sample = ServerFacts(
        version: ServerVersion(flavor: .mysql, 8, 4, 0),
        uuid: UUIDs.one,
        serverID: 1,
        port: 3306,
        dataDirectory: "/var/lib/mysql",
        binlogEnabled: true,
        binlogBase: "/var/lib/mysql/bin",
        binlogIndex: "/var/lib/mysql/bin.index",
        gtidMode: "ON",
        binlogFormat: "ROW",
        outsideFolders: [:]
    )
}

extension RestorePlan {
    /// A plan for a manifest's own data directory, with a server program that is never started.
    static func sample(
        _ manifest: Manifest,
        _ configuration: Configuration = .sample(),
        peers: [PeerProbe] = []
    ) -> RestorePlan {
        let version = ServerVersion(flavor: .mysql, 9, 7, 4)
        return RestorePlan(
            manifest: manifest,
            packages: [PackageCopy(.local(configuration.repository.local ?? "/backup"), manifest)],
            layout: TargetLayout(manifest, configuration, RestoreOptions()),
            installation: Installation(server: "/usr/sbin/mysqld", version: version, base: nil),
            version: version,
            temporaryServerID: 100_003_306,
            user: "root",
            password: nil,
            peers: peers
        )
    }
}

/// A run's log that keeps what was told.
final class Telling: Sendable {
    private let kept = Mutex<[ProgressEvent]>([])

    var events: [ProgressEvent] { self.kept.withLock { $0 } }
    var log: RunLog { RunLog { event in self.kept.withLock { $0.append(event) } } }
}
