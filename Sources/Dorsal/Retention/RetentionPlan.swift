import Foundation

/// Which backups of one place stay and which go.
///
/// It knows backups by their ids alone, which are in order of time, so that the time at which it is asked changes nothing;
/// only those whose time is still to come are told to it, and stay. All periods are UTC's; weeks are those of ISO 8601.
struct RetentionPlan: Sendable, Equatable {
    /// A backup that stays, and why.
    struct Kept: Sendable, Equatable {
        let id: BackupID
        let reasons: [String]
    }

    /// What stays, newest first.
    let kept: [Kept]
    /// What goes, newest first.
    let removed: [BackupID]

    /// Applies a policy.
    ///
    /// A backup stays when any rule keeps it; without a rule all stay. The newest stays in any case.
    ///
    /// - Parameters:
    ///   - backups: The whole backups of the place.
    ///   - marked: Those of them, or others, that are marked to be kept; they stay and the rules do not count them.
    ///   - ahead: Those of them whose time is still to come; they stay and the rules do not count them either, or else
    ///     all that were made at right times would be too old.
    init(
        _ policy: Configuration.Retention.Policy,
        _ backups: [BackupID],
        marked: Set<BackupID> = [],
        ahead: Set<BackupID> = []
    ) {
        let all = Set(backups).union(marked).sorted(by: >)
        let counted = Set(backups).subtracting(marked).subtracting(ahead).sorted(by: >)
        var reasons: [BackupID: [String]] = [:]
        for id in all where marked.contains(id) { reasons[id] = ["marked"] }
        for id in backups where ahead.contains(id) { reasons[id, default: []].append("time to come") }
        for rule in Self.rules(policy) {
            for (id, reason) in rule(counted) { reasons[id, default: []].append(reason) }
        }
        if policy.isEmpty { for id in counted { reasons[id] = ["no rule"] } }
        let newest = Set(backups).subtracting(ahead).max() ?? backups.max()
        if let newest, reasons[newest] == nil { reasons[newest] = ["newest"] }
        self.kept = all.compactMap { id in reasons[id].map { Kept(id: id, reasons: $0) } }
        self.removed = all.filter { reasons[$0] == nil }
    }

    /// A rule: what it keeps of backups, newest first, and why.
    private typealias Rule = ([BackupID]) -> [(BackupID, String)]

    private static func rules(_ policy: Configuration.Retention.Policy) -> [Rule] {
        [
            policy.keepLast.map { count in { self.last(count, $0) } },
            policy.keepWithin.map { duration in { self.within(duration, $0) } },
            policy.keepDaily.map { count in { self.periods("daily", count, $0, self.day) } },
            policy.keepWeekly.map { count in { self.periods("weekly", count, $0, self.week) } },
            policy.keepMonthly.map { count in { self.periods("monthly", count, $0, self.month) } },
        ].compactMap { $0 }
    }

    private static func last(_ count: Int, _ backups: [BackupID]) -> [(BackupID, String)] {
        backups.prefix(count).enumerated().map { ($1, "last \($0 + 1)") }
    }

    /// What is not older than the newest by more than a duration: when no backup is made any more, none goes.
    private static func within(_ duration: Duration, _ backups: [BackupID]) -> [(BackupID, String)] {
        guard let newest = backups.first?.time else { return backups.map { ($0, "within") } }
        let limit = newest.addingTimeInterval(-Double(duration.components.seconds))
        return backups.filter { id in id.time.map { $0 >= limit } ?? true }
            .map { ($0, "within \(Quantity.text(duration))") }
    }

    /// The newest of each of the last so many periods that have one.
    private static func periods(
        _ name: String,
        _ count: Int,
        _ backups: [BackupID],
        _ period: (BackupID) -> String
    ) -> [(BackupID, String)] {
        var seen: Set<String> = []
        var kept: [(BackupID, String)] = []
        for id in backups where kept.count < count && seen.insert(period(id)).inserted {
            kept.append((id, "\(name) \(period(id))"))
        }
        return kept
    }

    // A backup whose id is no time in any calendar is a period of its own.

    private static func day(_ id: BackupID) -> String {
        let text = id.description
        guard id.time != nil else { return text }
        return "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6).prefix(2))"
    }

    private static func week(_ id: BackupID) -> String {
        guard let time = id.time else { return id.description }
        var utc = Calendar(identifier: .iso8601)
        utc.timeZone = .gmt
        let parts = utc.dateComponents([.yearForWeekOfYear, .weekOfYear], from: time)
        let week = parts.weekOfYear ?? 0
        return "\(parts.yearForWeekOfYear ?? 0)-W\(week < 10 ? "0" : "")\(week)"
    }

    private static func month(_ id: BackupID) -> String {
        let text = id.description
        return id.time == nil ? text : "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))"
    }
}
