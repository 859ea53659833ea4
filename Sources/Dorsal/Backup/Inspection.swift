import Blocking
import Database
import Engines
import Failures
import Foundation
import GTID
import Storage

/// What is known before any load is put on the server.
struct Inspection {
    let endpoint: Endpoint
    let facts: ServerFacts
    let engine: any BackupEngine
    let channels: [Manifest.ChannelRecord]
    let configFiles: ConfigFiles
    let instance: Manifest.InstanceRecord

    var server: Manifest.ServerRecord {
        Manifest.ServerRecord(
            flavor: self.facts.version.flavor,
            version: self.facts.version.text,
            uuid: self.facts.uuid,
            serverID: self.facts.serverID,
            dataDirectory: self.facts.dataDirectory,
            binlogBase: self.facts.binlogBase,
            binlogIndex: self.facts.binlogIndex
        )
    }
}

extension BackupRun {
    /// Everything that can fail early fails here.
    func inspect(_ repository: LocalRepository, remote: BackupPlace?) async throws -> Inspection {
        let instance = self.configuration.instance
        // A wrong bucket or account shows before any load is put on the server.
        try await remote?.store.prepare()
        let endpoint = Endpoint(
            .socket(instance.socket),
            user: instance.user,
            password: try instance.password?.resolve()
        )
        return try await ServerConnection.with(endpoint) { connection in
            let facts = try await connection.facts()
            try self.checkSettings(facts)
            try self.checkFolders(facts)
            let wanted = EngineKind(rawValue: self.configuration.backup.engine.rawValue)
            let engine = try EngineKind.choose(wanted, facts.version, base: instance.base)
            try await self.checkPrivileges(connection, facts, engine)
            try await engine.preflight(connection, facts)
            try await self.checkSpace(facts, repository)
            try await self.noteSharedDomains(connection, facts)
            let channels = try await connection.channels(facts.dialect).map {
                Manifest.ChannelRecord(name: $0.name, host: $0.host, port: $0.port, user: $0.user)
            }
            return Inspection(
                endpoint: endpoint,
                facts: facts,
                engine: engine,
                channels: channels,
                configFiles: try ConfigFiles(instance.myCnf, facts),
                instance: Manifest.InstanceRecord(name: instance.name, port: facts.port)
            )
        }
    }

    private func checkSettings(_ facts: ServerFacts) throws {
        guard facts.binlogEnabled else {
            throw Failure(
                .database,
                "binary logs are off on the server at \(self.configuration.instance.socket)",
                cause: "log_bin = OFF",
                hint: "set log_bin in [mysqld] of \(self.configuration.instance.myCnf) and restart the server"
            )
        }
        if let mode = facts.gtidMode, mode != "ON" {
            throw Failure(
                .database,
                "GTIDs are off on the server at \(self.configuration.instance.socket)",
                cause: "gtid_mode = \(mode)",
                hint:
                    "set gtid_mode=ON and enforce_gtid_consistency=ON in [mysqld]; the manual tells how to do it online"
            )
        }
    }

    /// A restore puts all of InnoDB's files into the data directory, so they must come from there.
    private func checkFolders(_ facts: ServerFacts) throws {
        guard let (name, path) = facts.outsideFolders.min(by: { $0.key < $1.key }) else { return }
        throw Failure(
            .unusable,
            "InnoDB keeps files outside the data directory \(facts.dataDirectory), which Dorsal cannot put back",
            cause: "\(name) = \(path)",
            hint:
                "move these files into the data directory and remove \(name) from \(self.configuration.instance.myCnf)"
        )
    }

    private func checkPrivileges(
        _ connection: ServerConnection,
        _ facts: ServerFacts,
        _ engine: any BackupEngine
    ) async throws {
        let privileges = try await connection.privileges(facts.version)
        let missing = privileges.missing(Self.unique(facts.dialect.backupPrivileges + engine.privileges))
        guard missing.isEmpty else {
            throw Failure(
                .database,
                "user '\(self.configuration.instance.user)' lacks privileges for a backup: \(missing.joined(separator: ", "))",
                hint: "run as an administrator: \(privileges.grantStatement(missing))"
            )
        }
        let later = privileges.missing(facts.dialect.restorePrivileges)
        if !later.isEmpty {
            self.log.warn(
                """
                user '\(self.configuration.instance.user)' lacks privileges that a restore of this backup will need, \
                and a dead server cannot grant them: \(privileges.grantStatement(later))
                """
            )
        }
    }

    /// The copy and its package must both find room; the package is never larger than the data by much.
    private func checkSpace(_ facts: ServerFacts, _ repository: LocalRepository) async throws {
        let data = try await offPool { _ in FolderSize.bytes(facts.dataDirectory) }
        let kept = self.keepsLocal ? [repository.root] : []
        for folder in [repository.stagingRoot] + kept { try Self.checkSpace(data, at: folder) }
    }

    private static func checkSpace(_ data: Int64, at folder: String) throws {
        let available = try DiskSpace.available(at: folder)
        guard available > data else {
            throw Failure(
                .storage,
                "\(folder) has not enough room: \(available) bytes are free, the data has \(data)",
                hint: "free some space, or set repository.local (or backup.staging) to a larger disk"
            )
        }
    }

    /// A MariaDB position says how far a domain has come, and nothing of what several servers wrote to it at a time.
    private func noteSharedDomains(_ connection: ServerConnection, _ facts: ServerFacts) async throws {
        let shared = try await connection.domainWriters(facts.dialect).shared
        guard !shared.isEmpty else { return }
        self.log.note(
            """
            several servers have written to GTID domain \(shared.joined(separator: ", ")): if they do so at the same \
            time, positions cannot prove that nothing is missing; give each its own gtid_domain_id
            """
        )
    }

    static func unique(_ names: [String]) -> [String] {
        names.enumerated().filter { names.firstIndex(of: $1) == $0 }.map(\.element)
    }
}

/// How much a folder's files take.
enum FolderSize {
    static func bytes(_ folder: String) -> Int64 {
        guard let files = FileManager.default.enumerator(atPath: folder) else { return 0 }
        var total: Int64 = 0
        while files.nextObject() != nil {
            total += (files.fileAttributes?[.size] as? NSNumber)?.int64Value ?? 0
        }
        return total
    }
}
