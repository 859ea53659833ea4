import Archive
import Engines
import Failures
import Foundation
import Glibc

/// What a package's folders are called.
enum PackageFolder {
    static let data = "data"
    static let binlog = "binlog"
}

extension BackupRun {
    /// Writes the package in one pass over the data, and makes it durable.
    func pack(
        _ snapshot: DataSnapshot,
        _ binlogs: [Manifest.BinlogRecord],
        _ configFiles: ConfigFiles,
        _ staging: Staging
    ) async throws -> Manifest.PackageRecord {
        let log = self.log
        let persisted = configFiles.persisted.filter { _ in
            !FileManager.default.fileExists(atPath: "\(snapshot.directory)/mysqld-auto.cnf")
        }
        let binlogBytes = binlogs.reduce(0) { $0 + $1.size }
        let digest = try await offPool { flag in
            let total = FolderSize.bytes(snapshot.directory) + binlogBytes
            let writer = try PackageWriter(
                sinks: [try FileSink(creating: staging.packagePath)],
                progress: { log.amount("pack", $0, of: total) },
                checkCancellation: { try flag.check() }
            )
            for entry in configFiles.entries {
                try writer.add(bytes: entry.bytes, as: entry.record.packagePath)
            }
            try writer.add(bytes: Array(configFiles.effective.utf8), as: ConfigFiles.Name.effective)
            // A restored server must write an auto.cnf, and so a UUID, of its own.
            try writer.addTree(at: snapshot.directory, under: PackageFolder.data) { $0 == "auto.cnf" }
            // Settings of SET PERSIST belong to the option files, and not every engine copies them.
            for path in persisted { try writer.addFile(at: path, as: "\(PackageFolder.data)/mysqld-auto.cnf") }
            try writer.addDirectory(as: PackageFolder.binlog)
            for binlog in binlogs {
                try writer.addFile(
                    at: "\(staging.binlogFolder)/\(binlog.name)",
                    as: "\(PackageFolder.binlog)/\(binlog.name)"
                )
            }
            return try writer.finish()
        }
        return Manifest.PackageRecord(name: Catalog.packageName, digest: digest)
    }
}
