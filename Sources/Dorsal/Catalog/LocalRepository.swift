import Failures
import Foundation
import Glibc
import Storage

/// The folders of this machine that a backup works in.
struct LocalRepository: Sendable {
    /// The local repository; where there is none, the folder that data is copied to.
    let root: String
    /// Where data is copied to before it is packed: the local repository, unless another place is configured.
    let stagingRoot: String
    let instance: String

    var instanceFolder: String { "\(self.root)/\(self.instance)" }
    var stagingFolder: String { "\(self.stagingRoot)/\(self.instance)" }

    init(_ configuration: Configuration) throws {
        let (local, staging) = (configuration.repository.local, configuration.backup.staging)
        guard let root = local ?? staging, let stagingRoot = staging ?? local else {
            throw Failure(
                .usage,
                "there is no local folder to copy the data to before it is packed",
                hint: "set repository.local, or backup.staging and backup.keep_local: false to keep nothing there"
            )
        }
        self.root = root
        self.stagingRoot = stagingRoot
        self.instance = configuration.instance.name
    }

    /// The file of the instance's lock on this machine.
    var lockFile: String { "\(self.instanceFolder)/.lock" }

    /// Takes the instance's lock on this machine, so that one backup of it runs at a time.
    ///
    /// - Throws: `Failure` of class `locked` naming who holds it.
    func lock(_ command: String = "dorsal backup") throws -> FileLock {
        try Folders.make(self.instanceFolder)
        return try FileLock(at: self.lockFile, command: command)
    }

    /// Takes that lock, and the one of the staging folder where that is another: two repositories may share it.
    func locks() throws -> [FileLock] {
        let own = try self.lock()
        guard self.stagingRoot != self.root else { return [own] }
        do {
            try Folders.make(self.stagingFolder)
            return [own, try FileLock(at: "\(self.stagingFolder)/.lock", command: "dorsal backup")]
        } catch {
            own.release()
            throw error
        }
    }

    /// The ids of backups that were never finished: their staging is there, which goes last.
    ///
    /// A folder without a manifest and without a staging is none of these: it may be on its way here from elsewhere.
    func unfinished() throws -> [BackupID] {
        guard FileManager.default.fileExists(atPath: self.stagingFolder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: self.stagingFolder)
            .filter { $0.hasPrefix(Staging.prefix) }
            .compactMap { try? BackupID(String($0.dropFirst(Staging.prefix.count))) }
    }

    /// Whether a backup has a manifest; one that cannot be looked at has one, as what it belongs to must not go.
    func hasManifest(_ id: BackupID) -> Bool {
        var status = stat()
        return lstat("\(self.instanceFolder)/\(id)/\(BackupPlace.manifestName)", &status) == 0
            || (errno != ENOENT && errno != ENOTDIR)
    }

    /// Points `mysql-<port>.tgz` in the repository at the newest package, for those who know mysqlbackup.py.
    ///
    /// A package of another compression gets a name that says so; a stream has no single file to point at. A package of
    /// that tool's own in its place is moved aside, never overwritten.
    func link(_ manifest: Manifest, port: UInt16, _ log: RunLog) {
        self.link("\(manifest.id)", manifest.package.name, port: port, log)
    }

    /// Points the link at the newest package that is left, or removes it when there is none.
    ///
    /// Only a link into the instance's own folder whose backup has no manifest any more is touched.
    func relink(port: UInt16, _ log: RunLog) {
        for name in Self.links(port).values {
            let link = "\(self.root)/\(name)"
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else { continue }
            let parts = target.split(separator: "/")
            guard parts.count == 3, parts[0] == self.instance, let id = try? BackupID(String(parts[1])),
                !self.hasManifest(id)
            else { continue }
            if let newest = self.newestPackage() { return self.link(newest.id, newest.name, port: port, log) }
            if unlink(link) != 0, errno != ENOENT {
                log.warn("the link \(link) could not be removed: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// The newest backup here that has a manifest and a package, and the package's name.
    private func newestPackage() -> (id: String, name: String)? {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: self.instanceFolder)) ?? []
        for id in names.compactMap({ try? BackupID($0) }).sorted(by: >) where self.hasManifest(id) {
            for ending in Self.links(0).keys {
                let name = "package.\(ending)"
                if files.fileExists(atPath: "\(self.instanceFolder)/\(id)/\(name)") { return ("\(id)", name) }
            }
        }
        return nil
    }

    /// What the link is called, by the ending of the package that it points at.
    private static func links(_ port: UInt16) -> [String: String] {
        ["tar.gz": "mysql-\(port).tgz", "tar.zst": "mysql-\(port).tar.zst"]
    }

    private func link(_ id: String, _ package: String, port: UInt16, _ log: RunLog) {
        for (ending, name) in Self.links(port) {
            do {
                if package == "package.\(ending)" {
                    try self.link(name, to: "\(self.instance)/\(id)/\(package)", log)
                } else if Self.type("\(self.root)/\(name)") == .typeSymbolicLink {
                    // It would go on pointing at an older one.
                    try FileManager.default.removeItem(atPath: "\(self.root)/\(name)")
                }
            } catch {
                log.warn("the link \(self.root)/\(name) could not be set: \(error)")
            }
        }
    }

    private func link(_ name: String, to destination: String, _ log: RunLog) throws {
        let link = "\(self.root)/\(name)"
        let files = FileManager.default
        if let type = Self.type(link), type != .typeSymbolicLink {
            let aside = "\(link).before-\(BackupID.stamp(Date()))"
            try files.moveItem(atPath: link, toPath: aside)
            log.note("moved the earlier package \(link) to \(aside)")
        }
        let temporary = "\(self.root)/.\(name).new"
        try? files.removeItem(atPath: temporary)
        try files.createSymbolicLink(atPath: temporary, withDestinationPath: destination)
        guard rename(temporary, link) == 0 else { throw Failure.file("rename", temporary, errno: errno) }
    }

    private static func type(_ path: String) -> FileAttributeType? {
        try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    }
}
