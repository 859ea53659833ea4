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

    /// Where an earlier data directory is to be moved; nil when there is none, or an empty one that is simply replaced.
    func asideIfNeeded() -> String? {
        if self.entries().isEmpty { return nil }
        let name = Self.asidePrefixes[self.isUnfinished ? 1 : 0] + BackupID.stamp(Date())
        return self.layout.isMountPoint ? "\(self.layout.dataDirectory)/\(name)" : self.layout.dataDirectory + name
    }

    /// Moves an earlier data directory aside, whole.
    func moveAside(to aside: String) throws {
        guard self.layout.isMountPoint else { return try Self.move(self.layout.dataDirectory, to: aside) }
        guard mkdir(aside, 0o700) == 0 else { throw Failure.file("create", aside, errno: errno) }
        for name in self.entries() { try Self.move("\(self.layout.dataDirectory)/\(name)", to: "\(aside)/\(name)") }
    }

    /// Puts unpacked data in place.
    func place(_ data: String, _ owner: Ownership?) throws {
        guard self.layout.isMountPoint else { return try Self.move(data, to: self.layout.dataDirectory) }
        try owner?.give(self.layout.dataDirectory)
        for name in try FileManager.default.contentsOfDirectory(atPath: data) {
            try Self.move("\(data)/\(name)", to: "\(self.layout.dataDirectory)/\(name)")
        }
    }

    /// What is in the data directory and is neither the file system's nor ours.
    private func entries() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.layout.dataDirectory)) ?? []
        guard self.layout.isMountPoint else { return names }
        let work = (self.layout.workFolder as NSString).lastPathComponent
        return names.filter { name in
            name != "lost+found" && name != work && !Self.asidePrefixes.contains { name.hasPrefix($0) }
        }
    }

    private static func move(_ source: String, to target: String) throws {
        guard rename(source, target) == 0 else {
            throw Failure.file("rename \(source) to", target, errno: errno)
        }
    }
}
