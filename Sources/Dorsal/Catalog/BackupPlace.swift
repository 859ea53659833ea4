import Archive
import Failures
import Foundation
import Storage

/// One of the places where an instance's backups lie.
///
/// Layout, in a folder and below a bucket's prefix alike: `<instance>/<backup id>/manifest.json`, the package beside it.
struct BackupPlace: Sendable {
    static let manifestName = "manifest.json"
    /// No manifest is longer than this, in bytes; it bounds what a damaged one can cost.
    private static let manifestLimit = 256 << 20

    /// What kind of place it is.
    enum Kind: String, Sendable { case local, s3 }

    let kind: Kind
    let store: any ObjectStore
    let instance: String

    /// A backup's object.
    func key(_ id: BackupID, _ name: String) -> String { "\(self.instance)/\(id)/\(name)" }

    /// An object's path or URL, for people.
    func address(_ id: BackupID, _ name: String) -> String { "\(self.store.name)/\(self.key(id, name))" }

    /// The ids of all backups that have a manifest here, oldest first.
    func ids() async throws -> [BackupID] {
        try await self.contents().filter { $0.value[Self.manifestName] != nil }.keys.sorted()
    }

    /// The objects of one or every backup, whether it has a manifest or not: their sizes in bytes by name.
    func contents(of id: BackupID? = nil) async throws -> [BackupID: [String: Int64]] {
        var contents: [BackupID: [String: Int64]] = [:]
        for object in try await self.store.list("\(self.instance)/\(id.map { "\($0)/" } ?? "")") {
            let parts = object.key.split(separator: "/")
            guard parts.count == 3, let id = try? BackupID(String(parts[1])) else { continue }
            contents[id, default: [:]][String(parts[2])] = object.size
        }
        return contents
    }

    /// The names of all instances that have backups here.
    func instances() async throws -> Set<String> {
        Set(
            try await self.store.list("").compactMap { object in
                let parts = object.key.split(separator: "/")
                guard parts.count == 3, parts[2] == Self.manifestName, (try? BackupID(String(parts[1]))) != nil else {
                    return nil
                }
                return String(parts[0])
            }
        )
    }

    /// Reads a backup's manifest; nil when there is none here.
    ///
    /// - Throws: `Failure` of class `integrity` when it is damaged or another backup's, `usage` when it is of a newer
    ///   Dorsal.
    func manifest(_ id: BackupID) async throws -> Manifest? {
        let key = self.key(id, Self.manifestName)
        guard let size = try await self.store.head(key)?.size else { return nil }
        let address = self.address(id, Self.manifestName)
        guard size <= Self.manifestLimit else {
            throw Failure(.integrity, "\(address) is damaged", cause: "it has \(size) bytes")
        }
        let manifest = try Self.decode(Data(try await self.store.read(key, 0..<size)), id, address)
        guard manifest.id == id, manifest.instance.name == self.instance else {
            throw Failure(
                .integrity,
                "\(address) is the manifest of another backup",
                cause: "it says \(manifest.instance.name)/\(manifest.id)",
                hint: "was a folder renamed or copied?"
            )
        }
        return manifest
    }

    private static func decode(_ data: Data, _ id: BackupID, _ address: String) throws -> Manifest {
        // First, as a newer manifest may not be readable at all.
        if let version = Manifest.version(of: data), version > Manifest.currentVersion {
            throw Failure(
                .usage,
                "backup \(id) was written by a newer Dorsal",
                cause: "manifest version \(version), this Dorsal reads \(Manifest.currentVersion)",
                hint: "update Dorsal"
            )
        }
        try ManifestSeal.check(data, address)
        do {
            return try Manifest.decode(data)
        } catch {
            throw Failure(.integrity, "\(address) is damaged", cause: "\(error)", hint: "restore another backup")
        }
    }

    /// Writes the manifest, atomically and durably; the backup exists from then on.
    func publish(_ manifest: Manifest) async throws {
        let bytes = Array(ManifestSeal.seal(try manifest.encoded()))
        let key = self.key(manifest.id, Self.manifestName)
        let isNew: Bool
        do {
            isNew = try await self.store.putIfAbsent(bytes, key)
        } catch is UnsupportedOperation {
            isNew = try await self.store.head(key) == nil
            if isNew { try await self.store.put(bytes, key) }
        }
        guard isNew else {
            throw Failure(
                .unusable,
                "\(self.address(manifest.id, Self.manifestName)) is there already",
                hint: "run dorsal backup again"
            )
        }
    }

    /// Looks whether a backup's objects are here as they should be.
    ///
    /// - Returns: what is wrong with them, as far as can be told without reading them; nil when nothing is.
    func problem(with manifest: Manifest) async throws -> Failure? {
        for object in manifest.objects {
            if let problem = try await self.problem(with: object, manifest.id) { return problem }
        }
        return nil
    }

    private func problem(with object: Manifest.ObjectRecord, _ id: BackupID) async throws -> Failure? {
        let address = self.address(id, object.name)
        guard let facts = try await self.store.head(self.key(id, object.name)) else {
            return Failure(.integrity, "the package \(address) is missing", hint: "restore another backup: dorsal list")
        }
        guard facts.size == object.bytes else {
            return Failure(
                .integrity,
                "the package \(address) has \(facts.size) bytes, not \(object.bytes)",
                hint: "restore another backup: dorsal list"
            )
        }
        for (name, expected) in ["sha1": object.sha1, "sha256": object.sha256] {
            guard let actual = facts.metadata[name], actual != expected else { continue }
            return Failure(
                .integrity,
                "the package \(address) is not the one of its manifest",
                cause: "its metadata says \(name) \(actual), the manifest \(expected)",
                hint: "was an object overwritten? Restore another backup: dorsal list"
            )
        }
        return nil
    }
}

extension BackupPlace {
    /// Aborts what uploads of this instance's backups have left unfinished, and nobody else's that share the bucket.
    func removeUnfinished(olderThan age: Duration) async throws -> [String] {
        try await self.store.removeUnfinished("\(self.instance)/", olderThan: age) { key in
            let parts = key.split(separator: "/")
            return parts.count == 3 && (try? BackupID(String(parts[1]))) != nil
        }
    }

    /// Removes what there is of a backup that did not come about, also in a task that is cancelled; manifest first.
    func discard(_ id: BackupID, _ objects: [String]) async {
        for name in [Self.manifestName] + objects { await self.store.discard(self.key(id, name)) }
    }
}
