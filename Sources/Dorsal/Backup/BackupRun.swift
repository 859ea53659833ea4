import Archive
import Database
import Engines
import Failures
import Foundation
import GTID
import Storage

/// One backup, from inspection to clean-up; the order of things is in ``run()`` and ``make(_:_:_:)``.
struct BackupRun {
    let configuration: Configuration
    let log: RunLog

    func run() async throws -> BackupSummary {
        let started = Date()
        let repository = try LocalRepository(self.configuration)
        try self.checkDestinations()
        return try await Catalog.with(self.configuration, self.log) { catalog in
            let remote = catalog.place(.s3)
            let inspected = try await self.log.stage("inspect") {
                try await self.inspect(repository, remote: remote)
            }
            let locks = try repository.locks()
            defer { for lock in locks { lock.release() } }
            return try await self.locked(remote) { ownership in
                let newest = try await catalog.newestID()
                if let newest { try await self.refuseAnotherServer(newest, catalog, inspected) }
                let id = try BackupID.make(after: newest)
                self.log.backup = id
                return try await Staging.with(id, repository, keepsLocal: self.keepsLocal, self.log) { staging in
                    try await self.leavingNothing(of: id, in: remote) {
                        let made = try await self.make(inspected, staging, remote, started)
                        return try await self.publish(made, catalog, repository, ownership)
                    }
                }
            }
        }
    }

    /// From a running server to a package that lies where it should.
    func make(
        _ inspected: Inspection,
        _ staging: Staging,
        _ remote: BackupPlace?,
        _ started: Date
    ) async throws -> Made {
        let (data, binlogs) = try await self.copy(inspected, staging, remote)
        try BinlogJoin(data: data.boundary, binlogs: binlogs).check()
        let packed = try await self.log.stage("pack") {
            let parts = try await PackageParts(data, binlogs, inspected.configFiles, staging)
            return try await self.pack(parts, staging, remote: data.uploadFailure == nil ? remote : nil)
        }
        let manifest = Manifest(
            version: data.stream == nil ? 1 : Manifest.currentVersion,
            id: staging.id,
            instance: inspected.instance,
            started: started,
            finished: Date(),
            server: inspected.server,
            engine: Manifest.EngineRecord(kind: inspected.engine.kind, tool: data.tool),
            data: data.boundary,
            binlogs: binlogs,
            channels: inspected.channels,
            configFiles: inspected.configFiles.records,
            package: packed.record,
            stream: data.stream
        )
        return Made(manifest: manifest, uploadFailure: data.uploadFailure ?? packed.uploadFailure)
    }

    /// The data, and the binary logs, which reach past it.
    private func copy(
        _ inspected: Inspection,
        _ staging: Staging,
        _ remote: BackupPlace?
    ) async throws -> (CopiedData, [Manifest.BinlogRecord]) {
        let request = SnapshotRequest(
            endpoint: inspected.endpoint,
            facts: inspected.facts,
            optionFile: self.configuration.instance.myCnf,
            folder: staging.folder,
            osUser: self.configuration.instance.osUser,
            isLowPriority: self.configuration.backup.lowPriority
        )
        if let engine = inspected.streamEngine {
            return try await self.stream(engine, request, inspected, staging, remote)
        }
        let data = try await self.log.stage("snapshot", inspected.engine.kind.rawValue) {
            CopiedData(try await inspected.engine.snapshot(request))
        }
        return (data, try await self.log.stage("binlogs") { try await self.takeBinlogs(inspected, staging) })
    }
}

/// A server's data that was copied.
struct CopiedData: Sendable {
    let boundary: DataBoundary
    /// The name and version of what made the copy.
    let tool: String
    /// Where it lies; nil when it went through a stream, which lies where it should already.
    let directory: String?
    let stream: Manifest.StreamRecord?
    /// Whether the copy has the file where MySQL keeps what SET PERSIST set.
    let hasPersisted: Bool
    /// Why the stream is not in S3 although it was to be put there.
    let uploadFailure: Failure?
}

/// A backup that only lacks its manifest.
struct Made: Sendable {
    let manifest: Manifest
    /// Why the package is not in S3 although it was to be put there.
    let uploadFailure: Failure?
}
