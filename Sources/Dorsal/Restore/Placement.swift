import Database
import Failures
import Foundation
import Glibc

/// Putting a data directory in its place, by renames alone.
///
/// A data directory that is a mount point cannot be renamed: there its entries are, one by one.
struct Placement {
    private static let asidePrefix = ".before-"

    let layout: TargetLayout

    /// Moves an earlier data directory aside, whole; an empty one is simply replaced.
    ///
    /// - Returns: where it was moved to; nil when there was nothing.
    func moveAside() throws -> String? {
        let entries = self.entries()
        if entries.isEmpty { return nil }
        let stamp = BackupID.stamp(Date())
        guard self.layout.isMountPoint else {
            let aside = "\(self.layout.dataDirectory).before-\(stamp)"
            try Self.move(self.layout.dataDirectory, to: aside)
            return aside
        }
        let aside = "\(self.layout.dataDirectory)/\(Self.asidePrefix)\(stamp)"
        guard mkdir(aside, 0o700) == 0 else { throw Failure.file("create", aside, errno: errno) }
        for name in entries { try Self.move("\(self.layout.dataDirectory)/\(name)", to: "\(aside)/\(name)") }
        return aside
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
        return names.filter { $0 != "lost+found" && $0 != work && !$0.hasPrefix(Self.asidePrefix) }
    }

    private static func move(_ source: String, to target: String) throws {
        guard rename(source, target) == 0 else {
            throw Failure.file("rename \(source) to", target, errno: errno)
        }
    }
}
