import Database
import Failures
import Foundation
import Glibc

/// Putting a data directory in its place, by renames alone.
///
/// A data directory that is a mount point cannot be renamed: there its entries are, one by one.
struct Placement {
    private static let asidePrefixes = [".before-", ".incomplete-"]

    let layout: TargetLayout
    /// Whether what lies there is an interrupted restore's own work, and not the user's.
    let isUnfinished: Bool
    /// Where an interrupted restore was moving the user's data.
    let begun: String?

    /// Where an earlier data directory is to be moved; nil when there is none, or an empty one that is simply replaced.
    func asideIfNeeded() throws -> String? {
        if try self.entries().isEmpty { return nil }
        // On a mount point the rest goes where the first entries went.
        if self.layout.isMountPoint, !self.isUnfinished, let begun { return begun }
        let name = Self.asidePrefixes[self.isUnfinished ? 1 : 0] + BackupID.stamp(Date())
        return self.layout.isMountPoint ? "\(self.layout.dataDirectory)/\(name)" : self.layout.dataDirectory + name
    }

    /// Moves an earlier data directory aside, whole.
    func moveAside(to aside: String) throws {
        guard self.layout.isMountPoint else { return try Self.move(self.layout.dataDirectory, to: aside) }
        guard mkdir(aside, 0o700) == 0 || errno == EEXIST else { throw Failure.file("create", aside, errno: errno) }
        for name in try self.entries() {
            try Self.move("\(self.layout.dataDirectory)/\(name)", to: "\(aside)/\(name)")
            SyncPoint.reach("moving-aside")
        }
    }

    /// Puts unpacked data in place; the marker goes first, so that a half-placed directory is known as ours.
    func place(_ data: String, _ owner: Ownership?) throws {
        guard self.layout.isMountPoint else { return try self.replaceEmpty(with: data) }
        try owner?.give(self.layout.dataDirectory)
        let marker = (UnfinishedMarker.path("") as NSString).lastPathComponent
        let names = try FileManager.default.contentsOfDirectory(atPath: data)
        for name in names.filter({ $0 == marker }) + names.filter({ $0 != marker }) {
            try Self.move("\(data)/\(name)", to: "\(self.layout.dataDirectory)/\(name)")
        }
    }

    /// What is in the data directory and is neither the file system's nor ours.
    ///
    /// - Throws: `Failure` when there is a data directory that cannot be read.
    private func entries() throws -> [String] {
        var status = stat()
        if lstat(self.layout.dataDirectory, &status) != 0, errno == ENOENT { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.layout.dataDirectory)
        } catch {
            throw Failure(
                .unusable,
                "\(self.layout.dataDirectory) cannot be read",
                cause: error.localizedDescription,
                hint: "run dorsal restore as root, or as the directory's owner"
            )
        }
        guard self.layout.isMountPoint else { return names }
        let work = (self.layout.workFolder as NSString).lastPathComponent
        return names.filter { name in
            name != "lost+found" && name != work && !Self.asidePrefixes.contains { name.hasPrefix($0) }
        }
    }

    /// rename(2) replaces an empty directory, and nothing else.
    private func replaceEmpty(with data: String) throws {
        guard rename(data, self.layout.dataDirectory) == 0 else {
            throw Failure.file("rename \(data) to", self.layout.dataDirectory, errno: errno)
        }
    }

    /// Moves one thing to where nothing is.
    private static func move(_ source: String, to target: String) throws {
        var status = stat()
        guard lstat(target, &status) != 0 else {
            throw Failure(
                .unusable,
                "\(source) cannot be moved: \(target) is there already",
                hint: "move one of them away"
            )
        }
        guard rename(source, target) == 0 else {
            throw Failure.file("rename \(source) to", target, errno: errno)
        }
    }
}
