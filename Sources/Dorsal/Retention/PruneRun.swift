import Failures
import Foundation
import Storage

/// Removes the backups that no rule of retention keeps, and what failed runs have left behind.
struct PruneRun {
    let configuration: Configuration
    let log: RunLog
    let kind: BackupPlace.Kind?
    let isDryRun: Bool

    /// Does it place by place, each under its own lock; a place that fails does not keep the others from it.
    func run() async throws -> RemovalSummary {
        let run = self
        return try await Catalog.with(self.configuration, self.log) { catalog in
            let places = try catalog.places(run.kind)
            try run.checkPolicies(places)
            var summary = RemovalSummary(catalog.instance, isDryRun: run.isDryRun)
            var failures: [Failure] = []
            for place in places {
                do {
                    let (part, failure) = try await run.log.stage("prune", place.kind.rawValue) {
                        try await run.pruneLocked(catalog, place)
                    }
                    summary.add(part)
                    if let failure { failures.append(failure) }
                } catch let failure as Failure {
                    failures.append(failure)
                }
            }
            if !run.isDryRun { await BackupMetrics.tellHoldings(run.configuration, run.log) }
            summary.warnings = run.log.warnings
            if let failure = failures.first { throw IncompleteRemoval(failure: failure, summary: summary) }
            return summary
        }
    }

    private func policy(_ place: BackupPlace) -> Configuration.Retention.Policy {
        self.configuration.retention.policy(for: place.kind == .local ? .local : .s3)
    }

    private func checkPolicies(_ places: [BackupPlace]) throws {
        guard places.allSatisfy({ self.policy($0).isEmpty }) else { return }
        throw Failure(
            .usage,
            "there is no rule of which backups to keep",
            cause: "the configuration has no section retention, or none for this repository",
            hint: "for example: retention: { keep_last: 3, keep_daily: 7, keep_weekly: 5, keep_monthly: 12 }"
        )
    }

    private func pruneLocked(_ catalog: Catalog, _ place: BackupPlace) async throws -> (RemovalSummary, Failure?) {
        if self.isDryRun { return try await self.prune(catalog, place, nil) }
        let run = self
        return try await catalog.locked([place], self.configuration, "dorsal prune", self.log) { lock in
            try await run.prune(catalog, place, lock)
        }
    }

    /// - Returns: what was done, and what ended it early.
    private func prune(
        _ catalog: Catalog,
        _ place: BackupPlace,
        _ lock: StoreLock?
    ) async throws -> (RemovalSummary, Failure?) {
        let survey = try await catalog.survey(place.kind)
        if let failure = survey.failures.first { throw failure }
        let copies = survey.copies(in: place.kind)
        let marked = Set(copies.filter { $0.keep != nil }.map(\.id))
        // One that is damaged must not take a good one's place.
        let whole = copies.filter(\.isWhole).map(\.id)
        let ahead = self.ahead(whole, place)
        let plan = RetentionPlan(self.policy(place), whole, marked: marked, ahead: ahead)
        var summary = RemovalSummary(catalog.instance, isDryRun: self.isDryRun)
        summary.kept = plan.kept.map {
            RemovalSummary.Kept(id: $0.id.description, place: place.kind.rawValue, reasons: $0.reasons)
        }
        summary.damaged = copies.compactMap { self.damage($0) }
        let removed = Set(plan.removed)
        do {
            for copy in copies where removed.contains(copy.id) && copy.isWhole {
                if let reason = try await self.remove(copy, lock) {
                    summary.kept.append(
                        RemovalSummary.Kept(id: copy.id.description, place: place.kind.rawValue, reasons: [reason])
                    )
                } else {
                    summary.removed.append(
                        RemovalSummary.Removed(
                            id: copy.id.description,
                            place: place.kind.rawValue,
                            bytes: copy.bytes
                        )
                    )
                }
            }
            summary.cleared = try await Leftovers(self, place).clear()
        } catch let failure as Failure {
            return (summary, failure)
        }
        return (summary, nil)
    }

    /// Tells of backups that a wrong clock has named; they are left alone.
    private func ahead(_ backups: [BackupID], _ place: BackupPlace) -> Set<BackupID> {
        let now = Date()
        let ahead = backups.filter { $0.isAhead(of: now) }
        for id in ahead {
            self.log.warn(
                "\(id) in \(place.kind.rawValue) was left alone and not counted, its time is still to come: was the clock "
                    + "wrong when it was made, or is it now? In the former case: dorsal delete \(id)"
            )
        }
        return Set(ahead)
    }

    /// Tells of a copy that is not whole; it is left alone.
    private func damage(_ copy: StoredCopy) -> RemovalSummary.Damaged? {
        guard let problem = copy.problem else { return nil }
        self.log.warn(
            "\(copy.id) in \(copy.place.kind.rawValue) was left alone and not counted: \(problem.message); if it is of "
                + "no use any more: dorsal delete \(copy.id) --repository \(copy.place.kind.rawValue)"
        )
        return RemovalSummary.Damaged(
            id: copy.id.description,
            place: copy.place.kind.rawValue,
            problem: problem.message
        )
    }

    /// - Returns: nil when it was removed, or would be; else why not, as it is being read, or was marked meanwhile.
    private func remove(_ copy: StoredCopy, _ lock: StoreLock?) async throws -> String? {
        do {
            if self.isDryRun {
                try await Removal.refuseIfRead(copy)
            } else {
                try await Removal(configuration: self.configuration, log: self.log, lock: lock).remove(copy)
            }
            return nil
        } catch let failure as Failure where failure.class == .unusable {
            self.log.note("\(failure.message)\(failure.cause.map { " (\($0))" } ?? ""): left alone")
            return "in use"
        }
    }
}

extension RemovalSummary {
    fileprivate mutating func add(_ part: RemovalSummary) {
        self.kept += part.kept
        self.removed += part.removed
        self.damaged += part.damaged
        self.cleared += part.cleared
    }
}
