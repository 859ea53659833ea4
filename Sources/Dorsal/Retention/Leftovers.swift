import Failures
import Foundation
import S3
import Storage

/// What runs that did not end have left in a place: packages and marks without a manifest, staging folders, uploads.
///
/// A manifest comes last and goes first, so that what has none is no backup. It may be on its way here, though: only
/// what is older than the grace is cleared, and only what is named as Dorsal names things.
struct Leftovers {
    private let run: PruneRun
    private let place: BackupPlace
    private let grace: Duration

    init(_ run: PruneRun, _ place: BackupPlace) {
        self.run = run
        self.place = place
        self.grace = run.configuration.retention.grace
    }

    /// Clears what there is; the place's lock must be held.
    ///
    /// - Returns: the addresses of what was cleared, or would be in a dry run.
    func clear() async throws -> [String] {
        var cleared: [String] = []
        if self.place.kind == .local { cleared += try await self.clearStaging() }
        cleared += try await self.clearObjects()
        cleared += try await self.clearProbes()
        if !self.run.isDryRun { cleared += try await self.clearUploads() }
        return cleared
    }

    private func clearObjects() async throws -> [String] {
        var cleared: [String] = []
        for (id, objects) in try await self.place.contents().sorted(by: { $0.key < $1.key })
        where objects[BackupPlace.manifestName] == nil {
            let keys = objects.keys.filter(Removal.isOwn).sorted().map { self.place.key(id, $0) }
            guard try await self.areOld(keys) else { continue }
            // It may have arrived since the listing, after its package.
            guard try await self.place.store.head(self.place.key(id, BackupPlace.manifestName)) == nil else { continue }
            for key in keys {
                if !self.run.isDryRun { try await self.place.store.delete(key) }
                cleared.append("\(self.place.store.name)/\(key)")
            }
        }
        return cleared
    }

    /// Whether all objects are older than the grace.
    private func areOld(_ keys: [String]) async throws -> Bool {
        for key in keys {
            guard let age = try await self.place.age(key), age >= self.grace else { return false }
        }
        return true
    }

    /// What a doctor that was killed has left.
    private func clearProbes() async throws -> [String] {
        var cleared: [String] = []
        do {
            for object in try await self.place.store.list("\(StorageProbe.folder)/") where Self.isProbe(object.key) {
                guard try await self.areOld([object.key]) else { continue }
                if !self.run.isDryRun { try await self.place.store.delete(object.key) }
                cleared.append("\(self.place.store.name)/\(object.key)")
            }
        } catch let failure as Failure {
            // Whoever may only use the instance's own folder has left nothing there.
            self.run.log.note("what a doctor may have left could not be looked for: \(failure.message)")
        }
        return cleared
    }

    /// Whether an object is named as a doctor names what it puts, in a folder or in S3.
    private static func isProbe(_ key: String) -> Bool {
        let parts = key.split(separator: "/").dropFirst()
        guard let name = parts.first else { return false }
        if parts.count == 1 { return UUID(uuidString: String(name)) != nil }
        return parts.count == 2 && StorageProbe.names.contains(String(parts[parts.startIndex + 1]))
            && name.count <= 13 && name.allSatisfy { ("0"..."9").contains($0) || ("a"..."z").contains($0) }
    }

    private func clearStaging() async throws -> [String] {
        guard let repository = try? LocalRepository(self.run.configuration) else { return [] }
        let limit = Date(timeIntervalSinceNow: -Double(self.grace.components.seconds))
        let old = try repository.unfinished().filter { id in id.time.map { $0 <= limit } ?? false }
        if !self.run.isDryRun { try await Staging.clear(old, repository, self.run.log) }
        return old.map { "\(repository.stagingFolder)/\(Staging.prefix)\($0)" }
    }

    private func clearUploads() async throws -> [String] {
        do {
            return try await self.place.removeUnfinished(olderThan: self.grace)
                .map { "\(self.place.store.name)/\($0)" }
        } catch let failure as Failure {
            // Some services cannot list them; they have rules of their own for it.
            self.run.log.note("left-over uploads could not be looked for: \(failure.message)")
            return []
        }
    }
}
