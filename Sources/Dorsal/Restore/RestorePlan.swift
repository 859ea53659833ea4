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
    /// The package's path.
    let package: String
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
            "package     \(self.package), \(Sizes.text(self.manifest.package.digest.bytes))",
            "unpacked    \(Sizes.text(self.manifest.unpackedBytes)) in \(self.manifest.package.digest.files.count) files",
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
    func plan() async throws -> RestorePlan {
        let catalog = try Catalog(self.configuration)
        guard let id = try self.options.backup ?? catalog.newestID() else {
            throw Failure(
                .usage,
                "there is no backup of \(catalog.instance) in \(catalog.root)",
                hint: "check instance.name and repository.local; dorsal list shows what there is"
            )
        }
        let manifest = try catalog.manifest(id)
        let layout = TargetLayout(manifest, self.configuration, self.options)
        try TargetCheck(layout: layout).refuseRunningServer()
        let package = catalog.packagePath(manifest)
        try self.checkPackage(package, manifest)
        try self.checkSpace(layout, manifest)
        _ = try Ownership.find(layout.osUser)
        let version = try ServerVersion(parsing: manifest.server.version)
        let installation = try await self.installation(for: version)
        let temporary = TemporaryServerID(configuration: self.configuration)
        let peers = try Peers.configured(self.configuration.replication)
        let probes =
            self.options.catchesUp
            ? await Peers.probe(peers, version.dialect, readerID: temporary.reader) : []
        return RestorePlan(
            manifest: manifest,
            package: package,
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
        guard found.flavor == version.flavor, found.isAtLeast(version.major, version.minor) else {
            throw Failure(
                .unusable,
                "\(installation.server) \(found.number) cannot start on data of \(version.text)",
                hint: "install the server's series \(version.series), or set instance.base to where it is"
            )
        }
        if found.series != version.series {
            self.log.warn(
                "the data is of \(version.text), the server here is \(found.number): it will upgrade the data"
            )
        }
        return installation
    }

    private func checkPackage(_ path: String, _ manifest: Manifest) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.integrity, "the package \(path) is missing", hint: "restore another backup: dorsal list")
        }
    }

    private func checkSpace(_ layout: TargetLayout, _ manifest: Manifest) throws {
        let available = try DiskSpace.available(at: layout.workFolder)
        let needed = manifest.unpackedBytes
        guard available > needed else {
            throw Failure(
                .unusable,
                "\(layout.dataDirectory) has not enough room: \(Sizes.text(available)) are free",
                cause: "the backup unpacks to \(Sizes.text(needed))",
                hint: "free some space there, or choose another place with --target-dir"
            )
        }
    }
}
