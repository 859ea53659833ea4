import Failures
import Storage

extension BackupRun {
    /// Whether the package stays in the local repository.
    var keepsLocal: Bool { self.configuration.backup.keepLocal && self.configuration.repository.local != nil }

    func checkDestinations() throws {
        if self.configuration.backup.package == .stream {
            throw Failure(
                .usage,
                "backup.package: stream is not there yet",
                hint: "take tar.zst, which is as fast to compress"
            )
        }
        guard !self.keepsLocal, self.configuration.repository.s3 == nil else { return }
        throw Failure(
            .usage,
            "the backup would be kept nowhere",
            cause: "backup.keep_local is false, or there is no repository.local, and there is no repository.s3",
            hint: "set repository.s3, or backup.keep_local: true"
        )
    }

    /// Holds the instance's lock in S3, where backups go there, and first clears what a killed run has left there.
    func locked(
        _ remote: BackupPlace?,
        _ body: @Sendable @escaping (_ ownership: StoreLock?) async throws -> BackupSummary
    ) async throws -> BackupSummary {
        guard let remote, let lease = self.configuration.repository.s3?.lockTimeout else { return try await body(nil) }
        let terms = StoreLock.Terms(folder: "\(remote.instance)/lock", lease: lease, command: "dorsal backup")
        let log = self.log
        return try await StoreLock.with(remote.store, terms, warn: { log.warn($0) }) { lock in
            await self.abortUnfinished(remote)
            return try await body(lock)
        }
    }

    /// Aborts uploads of runs that were killed; the lock tells that none of them goes on.
    private func abortUnfinished(_ remote: BackupPlace) async {
        do {
            let aborted = try await remote.store.removeUnfinished("\(remote.instance)/", olderThan: .zero)
            if !aborted.isEmpty { self.log.note("aborted \(aborted.count) uploads, left by runs that did not end") }
        } catch {
            self.log.note("left-over uploads could not be looked for: \(error)")
        }
    }

    /// Publishes the manifest, which is what makes the backup exist, then points the well-known link at it.
    ///
    /// - Throws: ``IncompleteBackup`` when the backup is in the local repository only, because its upload failed.
    func publish(
        _ made: Made,
        _ catalog: Catalog,
        _ repository: LocalRepository,
        _ ownership: StoreLock?
    ) async throws -> BackupSummary {
        let manifest = made.manifest
        let local = self.keepsLocal ? catalog.place(.local) : nil
        let remote = made.uploadFailure == nil ? catalog.place(.s3) : nil
        try await self.log.stage("manifest") {
            if let remote { try await self.publish(manifest, in: remote, ownership) }
            try await local?.publish(manifest)
            if local != nil { repository.link(manifest, port: self.configuration.instance.port, self.log) }
        }
        let summary = BackupSummary(
            manifest,
            local: local?.address(manifest.id, manifest.package.name),
            s3: remote?.address(manifest.id, manifest.package.name),
            warnings: self.log.warnings,
            seconds: self.log.seconds
        )
        if let failure = made.uploadFailure {
            throw IncompleteBackup(failure: self.localOnly(failure), summary: summary)
        }
        return summary
    }

    private func publish(_ manifest: Manifest, in remote: BackupPlace, _ ownership: StoreLock?) async throws {
        do {
            // Who was taken for dead must not add to what another run does now.
            try await ownership?.confirm()
            try await remote.publish(manifest)
        } catch {
            await remote.discard(manifest)
            throw error
        }
    }

    private func localOnly(_ failure: Failure) -> Failure {
        Failure(
            failure.class,
            "the backup is in the local repository only, it could not be put into S3: \(failure.message)",
            cause: failure.cause,
            hint: failure.hint
        )
    }
}
