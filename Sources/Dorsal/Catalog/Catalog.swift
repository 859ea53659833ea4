import Failures
import Foundation
import Glibc
import Storage

/// The backups of one instance in the local repository.
///
/// Layout: `<repository>/<instance>/<backup id>/manifest.json` and `package.tar.gz` beside it.
struct Catalog: Sendable {
    static let packageName = "package.tar.gz"
    static let manifestName = "manifest.json"

    let root: String
    let instance: String
    private let folder: LocalFolder

    var instanceFolder: String { "\(self.root)/\(self.instance)" }

    init(_ configuration: Configuration) throws {
        guard let root = configuration.repository.local else {
            throw Failure(
                .usage,
                "no local repository is configured, and this version does not store backups in S3 yet",
                hint: "set repository.local to a folder for backups"
            )
        }
        self.root = root
        self.instance = configuration.instance.name
        self.folder = LocalFolder(root: root)
    }

    /// Takes the instance's lock, so that one backup of it runs at a time.
    ///
    /// - Throws: `Failure` of class `locked` naming who holds it.
    func lock() throws -> FileLock {
        try self.makeFolder(self.instanceFolder)
        return try FileLock(at: "\(self.instanceFolder)/.lock", command: "dorsal backup")
    }

    func makeFolder(_ path: String) throws { try Folders.make(path) }

    // MARK: Reading

    /// The ids of all backups, oldest first.
    ///
    /// - Throws: `Failure` of class `storage` when the repository is not there: its disk may not be mounted.
    func ids() throws -> [BackupID] {
        guard FileManager.default.fileExists(atPath: self.root) else {
            throw Failure(
                .storage,
                "there is no repository at \(self.root)",
                hint: "is its disk mounted? The first dorsal backup makes the folder"
            )
        }
        return try self.folder.folders(under: self.instance).compactMap { try? BackupID($0) }.filter(self.hasManifest)
            .sorted()
    }

    func newestID() throws -> BackupID? { try self.ids().last }

    func hasManifest(_ id: BackupID) -> Bool {
        FileManager.default.fileExists(atPath: "\(self.instanceFolder)/\(id)/\(Self.manifestName)")
    }

    /// The ids of backups that were never finished: their staging is there, which goes last.
    ///
    /// A folder without a manifest and without a staging is none of these: it may be on its way here from elsewhere.
    func unfinished() throws -> [BackupID] {
        try self.folder.folders(under: self.instance).filter { $0.hasPrefix(Staging.prefix) }
            .compactMap { try? BackupID(String($0.dropFirst(Staging.prefix.count))) }
    }

    /// Reads a backup's manifest.
    ///
    /// - Throws: `Failure` of class `usage` when there is no such backup, `integrity` when its manifest is damaged.
    func manifest(_ id: BackupID) throws -> Manifest {
        let path = "\(self.instanceFolder)/\(id)/\(Self.manifestName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                .usage,
                "there is no backup \(id) of \(self.instance)",
                hint: "dorsal list shows what there is"
            )
        }
        // First, as a newer manifest may not be readable at all.
        if let version = Manifest.version(of: data), version > Manifest.currentVersion {
            throw Failure(
                .usage,
                "backup \(id) was written by a newer Dorsal",
                cause: "manifest version \(version), this Dorsal reads \(Manifest.currentVersion)",
                hint: "update Dorsal"
            )
        }
        let manifest: Manifest
        do {
            manifest = try Manifest.decode(data)
        } catch {
            throw Failure(.integrity, "\(path) is damaged", cause: "\(error)", hint: "restore another backup")
        }
        guard manifest.id == id, manifest.instance.name == self.instance else {
            throw Failure(
                .integrity,
                "\(path) is the manifest of another backup",
                cause: "it says \(manifest.instance.name)/\(manifest.id)",
                hint: "was a folder renamed or copied?"
            )
        }
        return manifest
    }

    func packagePath(_ manifest: Manifest) -> String {
        "\(self.instanceFolder)/\(manifest.id)/\(manifest.package.name)"
    }

    // MARK: Writing

    /// Writes the manifest, atomically and durably; the backup exists from then on.
    func publish(_ manifest: Manifest) throws {
        let key = "\(self.instance)/\(manifest.id)/\(Self.manifestName)"
        guard try self.folder.putIfAbsent(Array(try manifest.encoded()), key) else {
            throw Failure(.unusable, "\(self.root)/\(key) is there already", hint: "run dorsal backup again")
        }
    }

    /// Points `mysql-<port>.tgz` in the repository at the newest package, for those who know mysqlbackup.py.
    ///
    /// A package of that tool's own in its place is moved aside, never overwritten.
    func link(_ manifest: Manifest, port: UInt16, _ log: RunLog) throws {
        let link = "\(self.root)/mysql-\(port).tgz"
        let files = FileManager.default
        let type = try? files.attributesOfItem(atPath: link)[.type] as? FileAttributeType
        do {
            if let type, type != .typeSymbolicLink {
                let aside = "\(link).before-\(BackupID.stamp(Date()))"
                try files.moveItem(atPath: link, toPath: aside)
                log.note("moved the earlier package \(link) to \(aside)")
            }
            let temporary = "\(self.root)/.mysql-\(port).tgz.new"
            try? files.removeItem(atPath: temporary)
            try files.createSymbolicLink(
                atPath: temporary,
                withDestinationPath: "\(self.instance)/\(manifest.id)/\(manifest.package.name)"
            )
            guard rename(temporary, link) == 0 else { throw Failure.file("rename", temporary, errno: errno) }
        } catch {
            log.warn("the link \(link) could not be set: \(error)")
        }
    }
}
