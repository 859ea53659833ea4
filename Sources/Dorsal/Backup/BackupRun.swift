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
            let lock = try repository.lock()
            defer { lock.release() }
            return try await self.locked(remote) { ownership in
                let id = try BackupID.make(after: try await catalog.newestID())
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
        let snapshot = try await self.log.stage("snapshot", inspected.engine.kind.rawValue) {
            try await self.snapshot(inspected, staging)
        }
        let binlogs = try await self.log.stage("binlogs") { try await self.takeBinlogs(inspected, staging) }
        try BinlogJoin(data: snapshot.boundary, binlogs: binlogs).check()
        let packed = try await self.log.stage("pack") {
            let parts = try await PackageParts(snapshot, binlogs, inspected.configFiles, staging)
            return try await self.pack(parts, staging, remote: remote)
        }
        let manifest = Manifest(
            id: staging.id,
            instance: inspected.instance,
            started: started,
            finished: Date(),
            server: inspected.server,
            engine: Manifest.EngineRecord(kind: inspected.engine.kind, tool: snapshot.tool),
            data: snapshot.boundary,
            binlogs: binlogs,
            channels: inspected.channels,
            configFiles: inspected.configFiles.records,
            package: packed.record
        )
        return Made(manifest: manifest, uploadFailure: packed.uploadFailure)
    }

    private func snapshot(_ inspected: Inspection, _ staging: Staging) async throws -> DataSnapshot {
        try await inspected.engine.snapshot(
            SnapshotRequest(
                endpoint: inspected.endpoint,
                facts: inspected.facts,
                optionFile: self.configuration.instance.myCnf,
                folder: staging.folder,
                osUser: self.configuration.instance.osUser
            )
        )
    }
}

/// A backup that only lacks its manifest.
struct Made: Sendable {
    let manifest: Manifest
    /// Why the package is not in S3 although it was to be put there.
    let uploadFailure: Failure?
}
