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
            let engine = try self.configuration.engine(for: facts.version)
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

    private func checkSpace(_ facts: ServerFacts, _ repository: LocalRepository) async throws {
        let data = try await offPool { _ in FolderSize.bytes(facts.dataDirectory) }
        for root in [repository.stagingRoot] + (self.keepsLocal ? [repository.root] : []) {
            let available = try DiskSpace.available(at: root)
            if let failure = Requirement.room(forData: data, available: available, at: root) { throw failure }
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
}
