import Failures
import Foundation
import Storage

/// A backup as it lies in one place, looked at without reading its package.
struct StoredCopy: Sendable {
    let id: BackupID
    let place: BackupPlace
    /// The objects of the backup: their sizes in bytes by name.
    let objects: [String: Int64]
    /// Nil when it cannot be read; ``problem`` says why then.
    let manifest: Manifest?
    /// What is wrong with it, as far as is known.
    let problem: Failure?
    /// When it was last read back, and what was found; nil when it never was.
    let verified: VerifiedMark?
    /// Nil when it was not marked to be kept.
    let keep: KeepMark?

    /// Whether nothing is known to be wrong with it.
    var isWhole: Bool { self.problem == nil }
    /// What it takes, in bytes.
    var bytes: Int64 { self.objects.values.reduce(0, +) }
    /// When it was last read back and found whole.
    var lastGood: Date? { self.verified.flatMap { $0.result == .ok ? $0.finished : nil } }
    /// The package's path or URL; nil when it is not as it should be.
    var address: String? {
        guard self.isPackageThere, let manifest = self.manifest else { return nil }
        return self.place.address(self.id, manifest.mainName)
    }

    /// Whether the package is there with the right size.
    private let isPackageThere: Bool

    /// Looks at a backup of which there is a manifest.
    init(_ id: BackupID, _ place: BackupPlace, _ objects: [String: Int64]) async throws {
        let verified = try await Self.verified(id, place, objects)
        self.id = id
        self.place = place
        self.objects = objects
        self.verified = verified
        self.keep = try await Self.keep(id, place, objects)
        var manifest: Manifest?
        var isPackageThere = false
        do {
            manifest = try await place.manifest(id)
            if let manifest, let problem = try await place.problem(with: manifest) { throw problem }
            isPackageThere = manifest != nil
            if let verified, let failure = Self.finding(id, place, verified) { throw failure }
            self.problem = manifest == nil ? Failure(.usage, "backup \(id) was removed meanwhile") : nil
        } catch let failure as Failure {
            self.problem = failure
        }
        self.manifest = manifest
        self.isPackageThere = isPackageThere
    }

    private static func verified(
        _ id: BackupID,
        _ place: BackupPlace,
        _ objects: [String: Int64]
    ) async throws -> VerifiedMark? {
        guard objects[VerifiedMark.name] != nil else { return nil }
        do {
            return try await place.mark(VerifiedMark.self, id, VerifiedMark.name)
        } catch is Failure {
            // It counts as never verified, and the next verification writes it anew.
            return nil
        }
    }

    private static func keep(
        _ id: BackupID,
        _ place: BackupPlace,
        _ objects: [String: Int64]
    ) async throws -> KeepMark? {
        guard objects[KeepMark.name] != nil else { return nil }
        do {
            return try await place.mark(KeepMark.self, id, KeepMark.name)
        } catch is Failure {
            // Whoever put it there wanted the backup kept.
            return KeepMark()
        }
    }

    /// What reading it back has shown to be wrong.
    private static func finding(_ id: BackupID, _ place: BackupPlace, _ verified: VerifiedMark) -> Failure? {
        let address = "\(place.store.name)/\(place.instance)/\(id)"
        if verified.result != .damaged, let attempted = verified.attempted {
            return Failure(
                .storage,
                "\(address) could not be read back \(attempted.ISO8601Format())",
                hint: "dorsal verify \(id) tells why, and looks again"
            )
        }
        guard verified.result == .damaged else { return nil }
        return Failure(
            .integrity,
            "\(address) was found damaged \(verified.finished.ISO8601Format())",
            cause: verified.problem,
            hint: "use another copy or another backup; dorsal verify \(id) looks again"
        )
    }
}
