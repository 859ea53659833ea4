import Archive
import Database
import Engines
import Failures
import Foundation
import GTID
import Progress
import Storage

/// What a restore will read, where it ends, and what it puts where; made from manifests only.
struct RestorePlan: Sendable {
    let manifest: Manifest
    /// Where the package is, what is to be read first coming first; never empty.
    let packages: [PackageCopy]
    let layout: TargetLayout
    let installation: Installation
    let version: ServerVersion
    let temporaryServerID: UInt32
    let user: String
    let password: PasswordSource?
    /// The peers as they were found while planning.
    let peers: [PeerProbe]

    var dialect: any Dialect { self.version.dialect }

    /// Settings for a temporary server on the target.
    func temporary(_ optionFile: String, _ options: [String]) throws -> TemporaryServer.Settings {
        TemporaryServer.Settings(
            installation: self.installation,
            optionFile: optionFile,
            dataDirectory: self.layout.dataDirectory,
            folder: self.layout.serverFolder,
            osUser: self.layout.osUser,
            options: options,
            user: self.user,
            password: try self.password?.resolve(),
            pidFileName: try ServerOptions.pidFileName(self.layout)
        )
    }

    var rejoinOptions: [String] {
        var options = self.dialect.rejoinOptions(
            temporaryServerID: self.temporaryServerID,
            hasSeveralPeers: (self.peers.isEmpty ? self.manifest.channels.count : self.peers.count) > 1
        )
        if let base = self.layout.binlogBase, let index = self.layout.binlogIndex {
            options += self.dialect.binlogOptions(base: base, index: index)
        }
        return options
    }

    /// The plan for people.
    var lines: [String] {
        var lines = [
            "backup      \(self.manifest.id) of \(self.manifest.instance.name), \(self.manifest.server.version)",
            "package     \(self.packages.map(\.address).joined(separator: ", or else ")), \(Sizes.text(self.manifest.bytes))",
            "unpacked    \(Sizes.text(self.manifest.unpackedBytes)) in \(self.manifest.fileCount) files",
            "data        \(self.manifest.data.lower)",
            "binary logs \(self.manifest.binlogs.count), reaching \(self.manifest.binlogSet)",
            "into        \(self.layout.dataDirectory), option file \(self.layout.myCnf)",
            "server      \(self.installation.server) \(self.installation.version.number)",
            "temporary server-id \(self.temporaryServerID)",
        ]
        if self.peers.isEmpty {
            lines += self.manifest.channels.map {
                "channel     '\($0.name)' to \($0.host):\($0.port), which came with the backup"
            }
        }
        lines += self.peers.map { probe in
            switch probe.result {
            case .success(let sample): "peer        \(probe.peer.name) reaches \(sample.executed)"
            case .failure(let failure):
                "peer        \(probe.peer.name) not reached: \(failure.cause ?? failure.message)"
            }
        }
        return lines
    }
}

extension RestoreRun {
    /// Reads the manifest, looks at the target and the peers, and refuses what cannot work.
    func plan(_ catalog: Catalog) async throws -> RestorePlan {
        let id = try await self.backupID(catalog)
        let backup = try await catalog.backup(id, self.log)
        let manifest = backup.manifest
        let layout = TargetLayout(manifest, self.configuration, self.options)
        try TargetCheck(layout: layout).refuseRunningServer()
        let packages = try await self.packages(of: backup)
        try self.checkSpace(layout, manifest)
        _ = try Ownership.find(layout.osUser)
        let version = try ServerVersion(parsing: manifest.server.version)
        _ = try self.streamEngine(manifest, version)
        let installation = try await self.installation(for: version)
        let temporary = TemporaryServerID(configuration: self.configuration)
        let peers = try Peers.configured(self.configuration.replication)
        let probes =
            self.options.catchesUp
            ? await Peers.probe(peers, version.dialect, readerID: temporary.reader) : []
        return RestorePlan(
            manifest: manifest,
            packages: packages,
            layout: layout,
            installation: installation,
            version: version,
            temporaryServerID: try temporary.choose(manifest, probes),
            user: self.configuration.instance.user,
            password: self.configuration.instance.password,
            peers: probes
        )
    }

    private func installation(for version: ServerVersion) async throws -> Installation {
        let installation = try await Installation.find(base: self.configuration.instance.base)
        let found = installation.version
        if let failure = Requirement.program(installation, startsOn: version) { throw failure }
        if found.series != version.series {
            self.log.warn(
                "the data is of \(version.text), the server here is \(found.number): it will upgrade the data"
            )
        }
        return installation
    }

    /// The backup that was asked for, or the newest.
    private func backupID(_ catalog: Catalog) async throws -> BackupID {
        if let id = self.options.backup { return id }
        let newest: BackupID?
        do {
            newest = try await catalog.newestID()
        } catch let failure as Failure where catalog.places.count > 1 {
            // The newest of what can be read might be an old one.
            throw Failure(
                failure.class,
                "which backup is the newest cannot be told: \(failure.message)",
                cause: failure.cause,
                hint: "\(failure.hint.map { "\($0) " } ?? "")To restore a certain backup all the same, give its id."
            )
        }
        if let newest { return newest }
        throw Failure(
            .usage,
            "there is no backup of \(catalog.instance) in \(catalog.names)",
            hint: "check instance.name and the repository; dorsal list shows what there is"
        )
    }

    /// The copies of the package that seem to be whole; those that do not are told of.
    private func packages(of backup: StoredBackup) async throws -> [PackageCopy] {
        var copies: [PackageCopy] = []
        var problems: [Failure] = []
        for place in backup.places {
            do {
                if let problem = try await place.problem(with: backup.manifest) { throw problem }
                copies.append(PackageCopy(place, backup.manifest))
            } catch let failure as Failure {
                problems.append(failure)
            }
        }
        if copies.isEmpty, let first = problems.first { throw first }
        for problem in problems { self.log.warn("\(problem.line); another copy is used") }
        return copies
    }

    private func checkSpace(_ layout: TargetLayout, _ manifest: Manifest) throws {
        let available = try DiskSpace.available(at: layout.workFolder)
        let path = layout.dataDirectory
        if let failure = Requirement.room(toUnpack: manifest.unpackedBytes, available: available, at: path) {
            throw failure
        }
    }
}

/// What this machine must be like for a restore.
extension Requirement {
    static func program(_ installation: Installation, startsOn version: ServerVersion) -> Failure? {
        let found = installation.version
        if found.flavor == version.flavor, found.isAtLeast(version.major, version.minor) { return nil }
        return Failure(
            .unusable,
            "\(installation.server) \(found.number) cannot start on data of \(version.text)",
            hint: "install the server's series \(version.series), or set instance.base to where it is"
        )
    }

    static func room(toUnpack needed: Int64, available: Int64, at path: String) -> Failure? {
        if available > needed { return nil }
        return Failure(
            .unusable,
            "\(path) has not enough room: \(Sizes.text(available)) are free",
            cause: "the backup unpacks to \(Sizes.text(needed))",
            hint: "free some space there, or choose another place with --target-dir"
        )
    }
}
