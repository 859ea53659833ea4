import Archive
import Blocking
import Engines
import Failures
import Foundation
import Glibc
import Storage

/// What a package's folders are called.
enum PackageFolder {
    static let data = "data"
    static let binlog = "binlog"
}

/// A package that lies where it should, its manifest still to come.
struct Packed: Sendable {
    let record: Manifest.PackageRecord
    /// Why the package is not in S3 although it was to be put there; nil when it is, or was not to be.
    let uploadFailure: Failure?
}

extension BackupRun {
    /// Writes the package in one pass over the data, into all its destinations at once, and makes it durable.
    func pack(_ parts: PackageParts, _ staging: Staging, remote: BackupPlace?) async throws -> Packed {
        let name = Manifest.packageName(self.compression, hasData: parts.data != nil)
        let bytes = parts.bytes / 2
        let (digest, failure) = try await self.deliver(name, staging, remote, expecting: bytes) { path, sink in
            let digest = try await self.write(parts, path, sink)
            return (digest, digest.stream)
        }
        return Packed(record: Manifest.PackageRecord(name: name, digest: digest), uploadFailure: failure)
    }

    /// Writes one of the backup's objects into all its destinations at once.
    ///
    /// - Parameters:
    ///   - bytes: about how many bytes to expect.
    ///   - write: writes to the path and the sink, and tells what was written.
    /// - Returns: why the object is not in S3 although it was to be put there, beside the result.
    func deliver<Result: Sendable>(
        _ name: String,
        _ staging: Staging,
        _ remote: BackupPlace?,
        expecting bytes: Int64,
        write: @escaping @Sendable (_ path: String?, _ sink: PipeSink?) async throws -> (Result, StreamRecord)
    ) async throws -> (Result, Failure?) {
        let path = staging.destination.map { "\($0)/\(name)" }
        guard let remote else { return (try await write(path, nil).0, nil) }
        let key = remote.key(staging.id, name)
        let upload = try await remote.store.upload(key, expecting: bytes, isRequired: path == nil) { sink in
            try await write(path, sink)
        }
        if upload.failure == nil { try await self.mark(upload.result.1, key, remote) }
        return (upload.result.0, upload.failure)
    }

    var compression: PackageCompression { self.configuration.backup.package == .targz ? .gzip : .zstd }

    /// Records the checksums with the object, as mysqlbackup.py did; the manifest has them in any case.
    private func mark(_ record: StreamRecord, _ key: String, _ remote: BackupPlace) async throws {
        do {
            try await remote.store.setMetadata(key, ["sha1": record.sha1, "sha256": record.sha256])
        } catch let failure as Failure {
            self.log.warn("\(failure.line); only the manifest has the checksums")
        }
    }

    private func write(_ parts: PackageParts, _ path: String?, _ remote: PipeSink?) async throws -> PackageDigest {
        let log = self.log
        let backup = self.configuration.backup
        let compression = self.compression
        return try await offPool { flag in
            // Before there are others: threads have the priority of who starts them.
            if backup.lowPriority { LowPriority.takeThisThread() }
            let writer = try PackageWriter(
                sinks: try Self.sinks(path, remote),
                compression: compression,
                threads: backup.threads ?? ProcessorCount.current,
                maxRate: backup.maxRate,
                progress: { done in
                    log.amount("pack", done, of: parts.bytes)
                    if remote != nil, done > parts.bytes / 2 { SyncPoint.reach("upload-half") }
                },
                checkCancellation: { try flag.check() }
            )
            try parts.write(to: writer)
            return try writer.finish()
        }
    }

    /// Where an object goes: a new local file, and an upload.
    static func sinks(_ path: String?, _ remote: PipeSink?) throws -> [any ByteSink] {
        var sinks: [any ByteSink] = []
        if let path { sinks.append(try FileSink(creating: path)) }
        if let remote { sinks.append(remote) }
        return sinks
    }
}

/// What goes into a package: the copy of the data, the binary logs, the option files.
struct PackageParts: Sendable {
    /// The folder of the copy; nil when the data went through a stream.
    let data: String?
    let hasPersisted: Bool
    let binlogFolder: String
    let binlogs: [Manifest.BinlogRecord]
    let configFiles: ConfigFiles
    /// What all of it takes, about, in bytes.
    let bytes: Int64

    init(_ copied: CopiedData, _ binlogs: [Manifest.BinlogRecord], _ configFiles: ConfigFiles, _ staging: Staging)
        async throws
    {
        let data = copied.directory
        self.data = data
        self.hasPersisted = copied.hasPersisted
        self.binlogFolder = staging.binlogFolder
        self.binlogs = binlogs
        self.configFiles = configFiles
        let copy = try await offPool { _ in data.map(FolderSize.bytes) ?? 0 }
        self.bytes = binlogs.reduce(copy) { $0 + $1.size }
    }

    fileprivate func write(to writer: PackageWriter) throws {
        for entry in self.configFiles.entries {
            try writer.add(bytes: entry.bytes, as: entry.record.packagePath)
        }
        try writer.add(bytes: Array(self.configFiles.effective.utf8), as: ConfigFiles.Name.effective)
        // A restored server must write an auto.cnf, and so a UUID, of its own.
        if let data = self.data { try writer.addTree(at: data, under: PackageFolder.data) { $0 == "auto.cnf" } }
        // Settings of SET PERSIST belong to the option files, and not every engine copies them.
        if !self.hasPersisted {
            for path in self.configFiles.persisted {
                try writer.addFile(at: path, as: "\(PackageFolder.data)/mysqld-auto.cnf")
            }
        }
        try writer.addDirectory(as: PackageFolder.binlog)
        for binlog in self.binlogs {
            try writer.addFile(at: "\(self.binlogFolder)/\(binlog.name)", as: "\(PackageFolder.binlog)/\(binlog.name)")
        }
    }
}
