import Failures

/// What lies in the places of an instance, looked at without reading packages.
struct Survey: Sendable {
    /// The copies of each backup, the local one first; oldest backup first.
    let backups: [(id: BackupID, copies: [StoredCopy])]
    /// Why places could not be looked at.
    let failures: [Failure]

    /// The copies in one place, oldest first.
    func copies(in kind: BackupPlace.Kind) -> [StoredCopy] {
        self.backups.flatMap(\.copies).filter { $0.place.kind == kind }
    }

    /// The newest backup that is whole in any place.
    var newestWhole: BackupID? { self.backups.last { $0.copies.contains(where: \.isWhole) }?.id }
}

extension Catalog {
    /// Looks at all backups in some of the places.
    ///
    /// A place that cannot be looked at is told of in the survey, and the others are looked at all the same.
    ///
    /// - Parameters:
    ///   - kind: the place to look at; nil means all.
    ///   - id: the backup to look at; nil means all.
    /// - Throws: `CancellationError`; `Failure` of class `usage` when such a place is not configured.
    func survey(_ kind: BackupPlace.Kind? = nil, only id: BackupID? = nil) async throws -> Survey {
        var found: [BackupID: [StoredCopy]] = [:]
        var failures: [Failure] = []
        for place in try self.places(kind) {
            do {
                if place.kind == .local, try self.isMissing(place) { continue }
                for copy in try await place.copies(only: id) { found[copy.id, default: []].append(copy) }
            } catch let failure as Failure {
                failures.append(failure)
            }
        }
        let backups = found.sorted { $0.key < $1.key }.map { (id: $0.key, copies: $0.value) }
        return Survey(backups: backups, failures: failures)
    }

    /// All places, or the one of a kind.
    func places(_ kind: BackupPlace.Kind?) throws -> [BackupPlace] {
        let places = self.places.filter { kind == nil || $0.kind == kind }
        if let kind, places.isEmpty {
            throw Failure(
                .usage,
                "there is no repository.\(kind.rawValue) in the configuration",
                hint: "leave --repository out, or set repository.\(kind.rawValue)"
            )
        }
        return places
    }
}

extension BackupPlace {
    /// The most backups that are looked at at a time.
    private static let lookups = 8

    /// Looks at all backups that have a manifest here.
    fileprivate func copies(only id: BackupID?) async throws -> [StoredCopy] {
        let contents = try await self.contents(of: id).filter { $0.value[Self.manifestName] != nil }
        var rest = contents.makeIterator()
        return try await withThrowingTaskGroup(of: StoredCopy.self) { group in
            var copies: [StoredCopy] = []
            for _ in 0..<Self.lookups {
                guard let (id, objects) = rest.next() else { break }
                group.addTask { try await StoredCopy(id, self, objects) }
            }
            while let copy = try await group.next() {
                copies.append(copy)
                if let (id, objects) = rest.next() {
                    group.addTask { try await StoredCopy(id, self, objects) }
                }
            }
            return copies
        }
    }
}
