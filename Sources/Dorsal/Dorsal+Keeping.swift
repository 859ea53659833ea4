public import Failures
import Foundation
import Storage

/// Which backups to list.
public struct ListOptions: Sendable {
    /// Where to look; nil means everywhere.
    public var repository: Configuration.Retention.Place?
    /// List the backups of all instances in the repositories.
    public var isOfAllInstances: Bool

    /// Makes options.
    public init(repository: Configuration.Retention.Place? = nil, isOfAllInstances: Bool = false) {
        self.repository = repository
        self.isOfAllInstances = isOfAllInstances
    }
}

/// Thrown when not all places could be looked at.
public struct IncompleteListing: Error, Sendable {
    /// Why.
    public let failure: Failure
    /// What the others have.
    public let listings: [BackupListing]
}

extension Dorsal {
    /// The instance's backups, oldest first.
    ///
    /// - Throws: ``IncompleteListing`` when a place could not be looked at; ``Failure``. A backup whose manifest is
    ///   damaged is listed as such, it does not end the listing.
    public func list(_ options: ListOptions = ListOptions()) async throws -> [BackupListing] {
        let kind = options.repository.map { BackupPlace.Kind($0) }
        return try await Catalog.with(self.configuration, self.log()) { catalog in
            var listings: [BackupListing] = []
            var failures: [Failure] = []
            let catalogs = options.isOfAllInstances ? try await catalog.ofAllInstances(&failures) : [catalog]
            for catalog in catalogs {
                let survey = try await catalog.survey(kind)
                listings += survey.backups.map { BackupListing($0.id, catalog.instance, $0.copies) }
                failures += survey.failures
            }
            if let failure = failures.first { throw IncompleteListing(failure: failure, listings: listings) }
            return listings
        }
    }

    /// Everything that is known of one backup.
    ///
    /// - Parameter id: nil means the newest.
    /// - Throws: ``Failure``.
    public func show(_ id: BackupID?) async throws -> BackupDetails {
        let log = self.log()
        return try await Catalog.with(self.configuration, log) { catalog in
            let wanted = try await catalog.existing(id)
            let backup = try await catalog.backup(wanted, log)
            let copies = try await catalog.survey(only: wanted).backups.flatMap(\.copies)
            return try BackupDetails(backup.manifest, BackupListing(wanted, catalog.instance, copies))
        }
    }

    /// Reads backups back and proves every byte of them.
    ///
    /// - Parameter tell: gets what was found, copy by copy.
    /// - Throws: ``IncompleteVerification`` when something is damaged or could not be read, once all was checked that
    ///   can be; ``Failure``; `CancellationError` when the task was cancelled.
    public func verify(
        _ options: VerifyOptions = VerifyOptions(),
        tell: @escaping @Sendable (VerifyResult) -> Void = { _ in }
    ) async throws -> VerifySummary {
        try await VerifyRun(configuration: self.configuration, options: options, log: self.log(), tell: tell).run()
    }

    /// Removes backups.
    ///
    /// - Parameters:
    ///   - ids: which.
    ///   - repository: where; nil means everywhere.
    ///   - isDryRun: says what would be removed, and touches nothing.
    /// - Throws: ``IncompleteRemoval``; ``Failure`` of class `unusable` when one is the last good one or marked to be
    ///   kept, of class `locked` while a backup is made. Then nothing was removed.
    public func delete(
        _ ids: [BackupID],
        repository: Configuration.Retention.Place? = nil,
        isDryRun: Bool = false
    ) async throws -> RemovalSummary {
        let kind = repository.map { BackupPlace.Kind($0) }
        return try await DeleteRun(
            configuration: self.configuration,
            log: self.log(),
            ids: ids,
            kind: kind,
            isDryRun: isDryRun
        ).run()
    }

    /// Removes the backups that no rule of retention keeps, and what failed runs have left behind.
    ///
    /// - Parameters:
    ///   - repository: where; nil means everywhere.
    ///   - isDryRun: says what would be removed, and touches nothing.
    /// - Throws: ``IncompleteRemoval`` when it did not come to an end everywhere; ``Failure`` of class `usage` when
    ///   there is no rule.
    public func prune(
        repository: Configuration.Retention.Place? = nil,
        isDryRun: Bool = false
    ) async throws -> RemovalSummary {
        let kind = repository.map { BackupPlace.Kind($0) }
        return try await PruneRun(configuration: self.configuration, log: self.log(), kind: kind, isDryRun: isDryRun)
            .run()
    }

    /// Marks a backup to be kept, in every place that has it, whatever the rules of retention say.
    ///
    /// - Parameters:
    ///   - id: nil means the newest.
    ///   - note: why.
    /// - Returns: the backup as it is listed now.
    /// - Throws: ``Failure``.
    public func keep(_ id: BackupID?, note: String? = nil) async throws -> BackupListing {
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        let host = LockOwner.current(command: "dorsal keep").host
        let user = ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()
        let mark = KeepMark(by: "\(user)@\(host)", since: now, note: note)
        return try await self.change(id) { try await $0.put(mark, $1, KeepMark.name) }
    }

    /// Takes the mark away that keeps a backup.
    ///
    /// - Parameter id: nil means the newest.
    /// - Returns: the backup as it is listed now.
    /// - Throws: ``Failure``.
    public func release(_ id: BackupID?) async throws -> BackupListing {
        try await self.change(id) { try await $0.store.delete($0.key($1, KeepMark.name)) }
    }

    private func change(
        _ id: BackupID?,
        _ body: (BackupPlace, BackupID) async throws -> Void
    ) async throws -> BackupListing {
        try await Catalog.with(self.configuration, self.log()) { catalog in
            let wanted = try await catalog.existing(id)
            let found = try await catalog.survey(only: wanted)
            guard let backup = found.backups.first else { throw found.failures.first ?? catalog.missing(wanted) }
            for copy in backup.copies { try await body(copy.place, wanted) }
            // Told only now: what can be marked is marked.
            if let failure = found.failures.first { throw failure }
            let copies = try await catalog.survey(only: wanted).backups.flatMap(\.copies)
            return BackupListing(wanted, catalog.instance, copies)
        }
    }
}

extension Catalog {
    /// The id that is asked for, or the newest.
    fileprivate func existing(_ id: BackupID?) async throws -> BackupID {
        if let id { return id }
        if let newest = try await self.newestID() { return newest }
        throw Failure(
            .usage,
            "there is no backup of \(self.instance) in \(self.names)",
            hint: "run dorsal backup"
        )
    }

    /// The catalogs of all instances that have backups in any of the places.
    fileprivate func ofAllInstances(_ failures: inout [Failure]) async throws -> [Catalog] {
        var names: Set<String> = [self.instance]
        for place in self.places {
            do {
                if place.kind == .local, try self.isMissing(place) { continue }
                names.formUnion(try await place.instances())
            } catch let failure as Failure {
                failures.append(failure)
            }
        }
        return names.sorted().map { name in
            let places = self.places.map { BackupPlace(kind: $0.kind, store: $0.store, instance: name) }
            return Catalog(instance: name, places: places)
        }
    }
}
