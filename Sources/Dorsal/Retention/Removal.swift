import Failures
import Storage

/// Removes backups so that none is listed that is not whole: the manifest goes first, and durably.
///
/// What an interruption leaves after that is no backup any more, and the next `dorsal prune` clears it.
struct Removal: Sendable {
    let configuration: Configuration
    let log: RunLog
    /// The lock of S3, where there is one: it is looked at before each removal.
    let lock: StoreLock?

    /// Whether an object beside a manifest is one of Dorsal's own; no other is ever removed.
    static func isOwn(_ name: String) -> Bool {
        [BackupPlace.manifestName, VerifiedMark.name, KeepMark.name].contains(name)
            || ["package.", "files.tar.", "data.xbstream."].contains { name.hasPrefix($0) } || ReadLease.isName(name)
    }

    /// Removes a backup from the place where it lies; the place's lock must be held.
    ///
    /// - Throws: `Failure` of class `unusable` when it was marked to be kept, or is being read; of class `locked` when
    ///   the lock was lost.
    func remove(_ copy: StoredCopy) async throws {
        let (id, place) = (copy.id, copy.place)
        // Again, as it may have been marked since it was looked at.
        guard try await place.store.head(place.key(id, KeepMark.name)) == nil else {
            throw Self.kept(id, nil)
        }
        try await Self.refuseIfRead(copy)
        if place.kind == .s3 { try await self.lock?.confirm() }
        try await place.store.delete(place.key(id, BackupPlace.manifestName))
        if place.kind == .local { self.relink() }
        SyncPoint.reach("manifest-removed")
        let rest = copy.objects.keys.filter { $0 != BackupPlace.manifestName }.sorted()
        for name in rest where Self.isOwn(name) { try await self.finish(place, place.key(id, name)) }
        let others = rest.filter { !Self.isOwn($0) }
        if !others.isEmpty {
            self.log.warn(
                "\(others.joined(separator: ", ")) in \(place.store.name)/\(place.instance)/\(id) is not of Dorsal, "
                    + "and was left there"
            )
        }
        try Task.checkCancellation()
    }

    /// Points the well-known link at the newest local package that is left, or removes it when there is none.
    ///
    /// It never points at nothing: this happens before the package goes.
    func relink() {
        guard let repository = try? LocalRepository(self.configuration) else { return }
        repository.relink(port: self.configuration.instance.port, self.log)
    }

    static func kept(_ id: BackupID, _ note: String?) -> Failure {
        Failure(
            .unusable,
            "backup \(id) is marked to be kept",
            cause: note,
            hint: "dorsal keep --release \(id) takes the mark away"
        )
    }

    /// - Throws: `Failure` of class `unusable` when somebody reads the backup in the place where it is to be removed.
    static func refuseIfRead(_ copy: StoredCopy) async throws {
        guard let reader = try await copy.place.reader(of: copy.id) else { return }
        throw Failure(
            .unusable,
            "backup \(copy.id) is being read from \(copy.place.store.name)",
            cause: reader,
            hint: "wait until that has ended; what a killed run left does not count any more after "
                + "\(ReadLease.silence.components.seconds / 60) minutes"
        )
    }

    /// Deletes what belongs to a backup whose manifest is gone, also when the task is cancelled meanwhile.
    private func finish(_ place: BackupPlace, _ key: String) async throws {
        do {
            try await place.store.delete(key)
        } catch is CancellationError {
            await place.store.discard(key)
        }
    }
}
