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
    /// The engine, where it is to stream the data.
    let streamEngine: CopyToolEngine?
    /// About how many bytes the server's data has.
    let dataBytes: Int64
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
            let engine = try self.configuration.engine(for: facts.version)
            let streamEngine = try self.streamEngine(engine)
            try await self.checkPrivileges(connection, facts, engine)
            try await engine.preflight(connection, facts)
            let dataBytes = try await offPool { _ in FolderSize.bytes(facts.dataDirectory) }
            try await self.checkSpace(facts, dataBytes, repository)
            try await self.noteSharedDomains(connection, facts)
            let channels = try await connection.channels(facts.dialect).map {
                Manifest.ChannelRecord(name: $0.name, host: $0.host, port: $0.port, user: $0.user)
            }
            return Inspection(
                endpoint: endpoint,
                facts: facts,
                engine: engine,
                streamEngine: streamEngine,
                dataBytes: dataBytes,
                channels: channels,
                configFiles: try ConfigFiles(instance.myCnf, facts),
                instance: Manifest.InstanceRecord(name: instance.name, port: facts.port)
            )
        }
    }

    private func checkSettings(_ facts: ServerFacts) throws {
        let instance = self.configuration.instance
        if let failure = Requirement.binlogs(facts, instance) { throw failure }
        if let failure = Requirement.gtids(facts, instance) { throw failure }
        if let failure = Requirement.insideFiles(facts, instance) { throw failure }
    }

    private func checkPrivileges(
        _ connection: ServerConnection,
        _ facts: ServerFacts,
        _ engine: any BackupEngine
    ) async throws {
        let privileges = try await connection.privileges(facts.version)
        let user = self.configuration.instance.user
        if let failure = Requirement.backupPrivileges(privileges, facts, engine.privileges, user: user) {
            throw failure
        }
        if let grant = Requirement.restoreGrant(privileges, facts) {
            self.log.warn(
                """
                user '\(user)' lacks privileges that a restore of this backup will need, and a dead server cannot \
                grant them: \(grant)
                """
            )
        }
    }

    /// The engine that streams the data; nil when it is to be copied to the disk first.
    private func streamEngine(_ engine: any BackupEngine) throws -> CopyToolEngine? {
        guard self.configuration.backup.package == .stream else { return nil }
        if let engine = engine as? CopyToolEngine { return engine }
        throw Failure(
            .usage,
            "backup.package: stream does not work with the engine \(engine.kind.rawValue)",
            cause: "the server writes a clone to its own disk",
            hint: "install Percona XtraBackup for the server's series, or set backup.package to tar.zst"
        )
    }

    /// The copy and its package must both find room; the package is never larger than the data by much.
    private func checkSpace(_ facts: ServerFacts, _ data: Int64, _ repository: LocalRepository) async throws {
        let kept = self.keepsLocal ? [repository.root] : []
        guard self.configuration.backup.package == .stream else {
            for folder in [repository.stagingRoot] + kept { try Self.checkSpace(data, at: folder) }
            return
        }
        // A stream puts nothing there but the binary logs, and itself where it is kept.
        let binlogs = try await offPool { _ in FolderSize.binlogs(facts.binlogBase) }
        try Self.checkSpace(binlogs, at: repository.stagingRoot)
        for folder in kept { try Self.checkSpace(data + binlogs, at: folder) }
    }

    private static func checkSpace(_ needed: Int64, at folder: String) throws {
        let available = try DiskSpace.available(at: folder)
        if let failure = Requirement.room(forData: needed, available: available, at: folder) { throw failure }
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
}

extension Configuration {
    /// The engine that copies a server's data.
    ///
    /// - Throws: `Failure` of class `unusable` when the one that is asked for does not fit the server.
    func engine(for version: ServerVersion) throws -> any BackupEngine {
        let wanted = EngineKind(rawValue: self.backup.engine.rawValue)
        return try EngineKind.choose(wanted, version, base: self.instance.base)
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

    /// What a server's binary logs take, by the path that their names begin with.
    static func binlogs(_ base: String) -> Int64 {
        let folder = (base as NSString).deletingLastPathComponent
        let name = (base as NSString).lastPathComponent
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("\(name).") }.reduce(0) { total, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            return total + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
        }
    }
}
