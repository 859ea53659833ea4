import Failures
import Foundation
import Storage

/// Removes backups that are named.
struct DeleteRun {
    let configuration: Configuration
    let log: RunLog
    let ids: [BackupID]
    let kind: BackupPlace.Kind?
    let isDryRun: Bool

    func run() async throws -> RemovalSummary {
        let run = self
        return try await Catalog.with(self.configuration, self.log) { catalog in
            if run.isDryRun { return run.summary(catalog, try await run.wanted(catalog), isDone: false) }
            let places = try catalog.places(run.kind)
            return try await catalog.locked(places, run.configuration, "dorsal delete", run.log) { lock in
                try await run.delete(catalog, lock)
            }
        }
    }

    private func delete(_ catalog: Catalog, _ lock: StoreLock?) async throws -> RemovalSummary {
        let copies = try await self.wanted(catalog)
        var done: [StoredCopy] = []
        try await self.log.stage("delete") {
            for copy in copies {
                do {
                    try await Removal(configuration: self.configuration, log: self.log, lock: lock).remove(copy)
                    done.append(copy)
                } catch let failure as Failure {
                    throw IncompleteRemoval(failure: failure, summary: self.summary(catalog, done, isDone: true))
                }
            }
        }
        return self.summary(catalog, done, isDone: true)
    }

    private func summary(_ catalog: Catalog, _ copies: [StoredCopy], isDone: Bool) -> RemovalSummary {
        var summary = RemovalSummary(catalog.instance, isDryRun: !isDone)
        summary.removed = copies.map {
            RemovalSummary.Removed(id: $0.id.description, place: $0.place.kind.rawValue, bytes: $0.bytes)
        }
        summary.warnings = self.log.warnings
        return summary
    }

    /// What is to go, oldest first, once nothing speaks against it.
    private func wanted(_ catalog: Catalog) async throws -> [StoredCopy] {
        let places = try catalog.places(self.kind).map(\.kind)
        // All places: whether the last good backup goes shows only there.
        let survey = try await catalog.survey()
        if let failure = survey.failures.first {
            guard self.kind != nil, try await catalog.survey(self.kind).failures.isEmpty else { throw failure }
            self.log.warn("\(failure.message); what is there is not counted on")
        }
        let wanted = Set(self.ids)
        let copies = survey.backups.filter { wanted.contains($0.id) }.flatMap(\.copies)
        if let kept = copies.first(where: { $0.keep != nil }) { throw Removal.kept(kept.id, kept.keep?.note) }
        let going = copies.filter { places.contains($0.place.kind) }
        if let id = wanted.subtracting(going.map(\.id)).min() { throw self.missing(id, catalog) }
        try self.refuseLast(survey, going)
        for copy in going where copy.id.isAhead(of: Date()) {
            self.log.warn(
                "\(copy.id) bears a time that is still to come; on this machine it is \(BackupID.stamp(Date()))"
            )
        }
        // Before any of them is removed.
        for copy in going { try await Removal.refuseIfRead(copy) }
        return going
    }

    /// Refuses to remove the newest backup that is whole, unless a whole copy of it stays elsewhere.
    private func refuseLast(_ survey: Survey, _ going: [StoredCopy]) throws {
        let whole = survey.backups.filter { $0.copies.contains(where: \.isWhole) }
        // One that a wrong clock has named keeps new backups from being made: it can go when there is another.
        let now = Date()
        guard let newest = whole.last(where: { !$0.id.isAhead(of: now) }) ?? whole.last else { return }
        let staying = newest.copies.filter { copy in
            copy.isWhole && !going.contains { $0.id == copy.id && $0.place.kind == copy.place.kind }
        }
        guard staying.isEmpty else { return }
        throw Failure(
            .unusable,
            "\(newest.id) is the last good backup, it is not deleted",
            cause: "no other whole copy of it would be left, and no newer one that counts is whole",
            hint: newest.id.isAhead(of: now)
                ? "its time is still to come, and no backup can be made after it: take one under another instance.name"
                : "take another one first: dorsal backup"
        )
    }

    private func missing(_ id: BackupID, _ catalog: Catalog) -> Failure {
        Failure(
            .usage,
            "there is no backup \(id) of \(catalog.instance)\(self.kind.map { " in \($0.rawValue)" } ?? "")",
            cause: "looked in \(catalog.names)",
            hint: "dorsal list shows what there is; what a run left that did not end, dorsal prune clears"
        )
    }
}
