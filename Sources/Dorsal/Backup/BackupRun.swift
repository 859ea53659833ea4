import Archive
import Database
import Engines
import Failures
import Foundation
import GTID
import Storage

/// One backup, from inspection to clean-up; the order of things is in ``run()``.
struct BackupRun {
    let configuration: Configuration
    let log: RunLog

    func run() async throws -> BackupSummary {
        let started = Date()
        let catalog = try Catalog(self.configuration)
        if self.configuration.repository.s3 != nil {
            self.log.warn("this version does not store backups in S3 yet: the package lies in \(catalog.root) only")
        }
        let inspected = try await self.log.stage("inspect") { try await self.inspect(catalog) }
        let lock = try catalog.lock()
        defer { lock.release() }
        let id = try BackupID.make(after: try catalog.newestID(), now: started)
        return try await Staging.with(id, catalog, self.log) { staging in
            let snapshot = try await self.log.stage("snapshot", inspected.engine.kind.rawValue) {
                try await self.snapshot(inspected, staging)
            }
            let binlogs = try await self.log.stage("binlogs") { try await self.takeBinlogs(inspected, staging) }
            try BinlogJoin(data: snapshot.boundary, binlogs: binlogs).check()
            let package = try await self.log.stage("pack") {
                try await self.pack(snapshot, binlogs, inspected.configFiles, staging)
            }
            return try await self.log.stage("manifest") {
                try self.publish(
                    Manifest(
                        id: id,
                        instance: inspected.instance,
                        started: started,
                        finished: Date(),
                        server: inspected.server,
                        engine: Manifest.EngineRecord(kind: inspected.engine.kind, tool: snapshot.tool),
                        data: snapshot.boundary,
                        binlogs: binlogs,
                        channels: inspected.channels,
                        configFiles: inspected.configFiles.records,
                        package: package
                    ),
                    catalog
                )
            }
        }
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

    /// Publishes the manifest, which is what makes the backup exist, then points the well-known link at it.
    private func publish(_ manifest: Manifest, _ catalog: Catalog) throws -> BackupSummary {
        try catalog.publish(manifest)
        try catalog.link(manifest, port: self.configuration.instance.port, self.log)
        return BackupSummary(
            manifest,
            local: catalog.packagePath(manifest),
            warnings: self.log.warnings,
            seconds: self.log.seconds
        )
    }
}
