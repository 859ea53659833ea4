import Database
import Failures
import Storage

extension BackupRun {
    /// Whether the package stays in the local repository.
    var keepsLocal: Bool { self.configuration.backup.keepLocal && self.configuration.repository.local != nil }

    func checkDestinations() throws {
        guard !self.keepsLocal, self.configuration.repository.s3 == nil else { return }
        throw Failure(
            .usage,
            "the backup would be kept nowhere",
            cause: "backup.keep_local is false, or there is no repository.local, and there is no repository.s3",
            hint: "set repository.s3, or backup.keep_local: true"
        )
    }

    /// Two servers that share a folder by a name that was not set would prune and restore each other's backups.
    func refuseAnotherServer(_ newest: BackupID, _ catalog: Catalog, _ inspected: Inspection) async throws {
        // One whose manifest is damaged tells nothing.
        guard let manifest = try? await catalog.backup(newest, self.log).manifest,
            manifest.server.serverID != inspected.facts.serverID
        else { return }
        throw Failure(
            .unusable,
            "the backups of \(catalog.instance) in \(catalog.names) are of another server",
            cause:
                "\(newest) is of server-id \(manifest.server.serverID), this server's is \(inspected.facts.serverID)",
            hint: "give each instance a name of its own: instance.name"
        )
    }

    /// Holds the instance's lock in S3, where backups go there, and first clears what a killed run has left there.
    func locked(
        _ remote: BackupPlace?,
        _ body: @Sendable @escaping (_ ownership: StoreLock?) async throws -> BackupSummary
    ) async throws -> BackupSummary {
        guard let remote, let terms = self.configuration.remoteLock else { return try await body(nil) }
        let log = self.log
        return try await StoreLock.with(remote.store, terms, warn: { log.warn($0) }) { lock in
            try await self.abortUnfinished(remote)
            return try await body(lock)
        }
    }

    /// Runs the work, and removes from S3 what it put there if it fails, or is cancelled, before there is a backup.
    func leavingNothing(
        of id: BackupID,
        in remote: BackupPlace?,
        _ work: () async throws -> BackupSummary
    ) async throws -> BackupSummary {
        do {
            return try await work()
        } catch let incomplete as IncompleteBackup {
            throw incomplete
        } catch {
            await remote?.discard(id, self.objectNames)
            throw error
        }
    }

    /// What the objects beside the manifest are called.
    private var objectNames: [String] {
        if self.configuration.backup.package == .stream {
            return [Manifest.StreamRecord.name, Manifest.packageName(self.compression, hasData: false)]
        }
        return [Manifest.packageName(self.compression)]
    }

    /// Aborts uploads of runs that were killed; the lock tells that none of them goes on.
    private func abortUnfinished(_ remote: BackupPlace) async throws {
        do {
            let aborted = try await remote.removeUnfinished(olderThan: .zero)
            if !aborted.isEmpty { self.log.note("aborted \(aborted.count) uploads, left by runs that did not end") }
        } catch let failure as Failure {
            self.log.note("left-over uploads could not be looked for: \(failure.line)")
        }
    }

    /// Publishes the manifest, which is what makes the backup exist, then points the well-known link at it.
    ///
    /// - Throws: ``IncompleteBackup`` when the backup is in one of two places only; what the user has is not thrown
    ///   away because of the other.
    func publish(
        _ made: Made,
        _ catalog: Catalog,
        _ repository: LocalRepository,
        _ ownership: StoreLock?
    ) async throws -> BackupSummary {
        let manifest = made.manifest
        let local = self.keepsLocal ? catalog.place(.local) : nil
        let remote = catalog.place(.s3)
        var failures: [BackupPlace.Kind: Failure] = [:]
        failures[.s3] = made.uploadFailure
        try await self.log.stage("manifest") {
            if let remote, made.uploadFailure == nil {
                failures[.s3] = try await Self.failure {
                    try await self.publish(manifest, in: remote, ownership)
                }
            }
            // Of a stream and its package one may have got there.
            if let remote, failures[.s3] != nil, made.uploadFailure == nil || manifest.stream != nil {
                await remote.discard(manifest.id, manifest.objects.map(\.name))
            }
            if let failure = failures[.s3], local == nil { throw failure }
            if let local { failures[.local] = try await Self.failure { try await local.publish(manifest) } }
            if let failure = failures[.local], remote == nil || failures[.s3] != nil { throw failure }
            if local != nil, failures[.local] == nil {
                repository.link(manifest, port: self.configuration.instance.port, self.log)
            }
        }
        let summary = BackupSummary(
            manifest,
            local: failures[.local] == nil ? local : nil,
            s3: failures[.s3] == nil ? remote : nil,
            warnings: self.log.warnings,
            seconds: self.log.seconds
        )
        if let failure = failures[.s3] {
            throw IncompleteBackup(failure: Self.missing("put into S3", only: "the local repository", failure), summary)
        }
        if let failure = failures[.local] {
            throw IncompleteBackup(failure: Self.missing("kept locally", only: "S3", failure), summary)
        }
        return summary
    }

    private func publish(_ manifest: Manifest, in remote: BackupPlace, _ ownership: StoreLock?) async throws {
        // Who was taken for dead must not add to what another run does now.
        try await ownership?.confirm()
        if let problem = try await remote.problem(with: manifest) { throw problem }
        SyncPoint.reach("manifest-s3")
        try await remote.publish(manifest)
    }

    /// The failure that work ends with, if it does.
    private static func failure(_ work: () async throws -> Void) async throws -> Failure? {
        do {
            try await work()
            return nil
        } catch let failure as Failure {
            return failure
        }
    }

    private static func missing(_ what: String, only place: String, _ failure: Failure) -> Failure {
        Failure(
            failure.class,
            "the backup is in \(place) only, it could not be \(what): \(failure.message)",
            cause: failure.cause,
            hint: failure.hint
        )
    }
}

extension Configuration {
    /// The instance's lock in S3; nil where nothing is kept there.
    var remoteLock: StoreLock.Terms? {
        self.repository.s3.map {
            StoreLock.Terms(folder: "\(self.instance.name)/lock", lease: $0.lockTimeout, command: "dorsal backup")
        }
    }
}
