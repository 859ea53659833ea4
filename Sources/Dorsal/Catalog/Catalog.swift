import Blocking
import Failures
import Foundation
import Progress
import S3
import Storage

/// The backups of one instance, in all places where they are kept; the local one comes first.
struct Catalog: Sendable {
    let instance: String
    let places: [BackupPlace]

    /// Opens the places that are configured for as long as the closure runs.
    static func with<Result>(
        _ configuration: Configuration,
        _ log: RunLog,
        _ body: (Catalog) async throws -> Result
    ) async throws -> Result {
        let instance = configuration.instance.name
        var places: [BackupPlace] = []
        if let root = configuration.repository.local {
            let store = LocalObjectStore(LocalFolder(root: root))
            places.append(BackupPlace(kind: .local, store: store, instance: instance))
        }
        guard let settings = configuration.repository.s3 else {
            return try await body(Catalog(instance: instance, places: places))
        }
        let remote: S3Settings
        do {
            // A secret may come from a command.
            remote = try await offPool { _ in try S3Settings(settings, log) }
        } catch let failure as Failure where !places.isEmpty {
            // A whole local copy can be restored without the keys of S3.
            places.append(BackupPlace(kind: .s3, store: UnavailableStore(settings, failure), instance: instance))
            return try await body(Catalog(instance: instance, places: places))
        }
        return try await S3ObjectStore.with(remote) { store in
            let remote = BackupPlace(kind: .s3, store: store, instance: instance)
            return try await body(Catalog(instance: instance, places: places + [remote]))
        }
    }

    func place(_ kind: BackupPlace.Kind) -> BackupPlace? { self.places.first { $0.kind == kind } }

    /// Where backups are looked for, for messages.
    var names: String { self.places.map(\.store.name).joined(separator: " and ") }

    /// The ids of all backups with the places that have them, oldest first.
    ///
    /// - Throws: `Failure` of the first place that cannot be read: what it holds is not known then. A local folder that
    ///   is not there is passed over when there is another place, as on a machine that is to be restored.
    func ids() async throws -> [(id: BackupID, places: [BackupPlace])] {
        var found: [BackupID: [BackupPlace]] = [:]
        for place in self.places {
            if place.kind == .local, try self.isMissing(place) { continue }
            for id in try await place.ids() { found[id, default: []].append(place) }
        }
        return found.sorted { $0.key < $1.key }.map { (id: $0.key, places: $0.value) }
    }

    /// Whether a local repository is not there; that is an error when there is no other.
    func isMissing(_ place: BackupPlace) throws -> Bool {
        let root = place.store.name
        if FileManager.default.fileExists(atPath: root) { return false }
        if self.places.count > 1 { return true }
        throw Failure(
            .storage,
            "there is no repository at \(root)",
            hint: "is its disk mounted? The first dorsal backup makes the folder"
        )
    }

    func newestID() async throws -> BackupID? { try await self.ids().last?.id }

    /// Finds a backup.
    ///
    /// A manifest that cannot be read in one place is told of, and another place's is taken.
    ///
    /// - Throws: `Failure` of class `usage` when there is no such backup, `integrity` when its manifest is damaged
    ///   everywhere.
    func backup(_ id: BackupID, _ log: RunLog) async throws -> StoredBackup {
        var copies: [(place: BackupPlace, manifest: Manifest)] = []
        var failures: [Failure] = []
        for place in self.places {
            do {
                if let manifest = try await place.manifest(id) { copies.append((place, manifest)) }
            } catch let failure as Failure {
                failures.append(failure)
            }
        }
        guard let first = copies.first else { throw failures.first ?? self.missing(id) }
        for failure in failures { log.warn(failure.line) }
        for other in copies.dropFirst() where other.manifest != first.manifest {
            throw Failure(
                .integrity,
                "there are two different backups \(id)",
                cause: "the manifests in \(first.place.store.name) and \(other.place.store.name) differ",
                hint: "find out which one is right, and move the other away"
            )
        }
        return StoredBackup(manifest: first.manifest, places: copies.map(\.place))
    }

    func missing(_ id: BackupID) -> Failure {
        Failure(
            .usage,
            "there is no backup \(id) of \(self.instance)",
            cause: "looked in \(self.names)",
            hint: "dorsal list shows what there is"
        )
    }
}

/// A backup that was found, and the places that have it; the local one comes first.
struct StoredBackup: Sendable {
    let manifest: Manifest
    let places: [BackupPlace]
}
