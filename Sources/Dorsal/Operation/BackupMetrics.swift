import Foundation
import Storage

/// What a good backup has to say to the metrics.
struct BackupMetrics: Sendable {
    /// The package's size.
    let bytes: Int64
    /// What was committed before then is in the backup.
    let windowEnd: Date
    let started: Date
    let finished: Date

    /// What a repository holds.
    struct Holdings: Sendable {
        let place: BackupPlace.Kind
        let backups: Int
        let bytes: Int64
    }

    /// Writes them, and what the repositories hold now.
    func write(_ configuration: Configuration, _ log: RunLog, exitCode: Int32) async {
        guard configuration.metrics.textfile != nil else { return }
        let holdings = await Self.holdings(configuration, log)
        await MetricsFile.update(configuration, log) { file in
            file.set(.backupLastSuccess, self.finished)
            file.set(.backupLastDuration, max(0, self.finished.timeIntervalSince(self.started)))
            file.set(.backupLastSize, Double(self.bytes))
            file.set(.backupLastExitCode, Double(exitCode))
            file.set(.windowEnd, self.windowEnd)
            file.set(holdings)
        }
    }

    /// Writes what the repositories hold now, after a removal.
    static func tellHoldings(_ configuration: Configuration, _ log: RunLog) async {
        guard configuration.metrics.textfile != nil else { return }
        let holdings = await Self.holdings(configuration, log)
        await MetricsFile.update(configuration, log) { $0.set(holdings) }
    }

    /// What each repository holds; nil when that cannot be told now, which keeps what was told before.
    static func holdings(_ configuration: Configuration, _ log: RunLog) async -> [Holdings]? {
        do {
            return try await Catalog.with(configuration, log) { catalog in
                var holdings: [Holdings] = []
                for place in catalog.places { holdings.append(try await place.holdings()) }
                return holdings
            }
        } catch {
            log.note("the repositories could not be counted for the metrics: \(error)")
            return nil
        }
    }
}

extension BackupPlace {
    /// How many backups are here, and what they take.
    fileprivate func holdings() async throws -> BackupMetrics.Holdings {
        let ids = Set(try await self.ids().map(\.description))
        let objects = try await self.store.list("\(self.instance)/").filter { object in
            let parts = object.key.split(separator: "/")
            return parts.count == 3 && ids.contains(String(parts[1]))
        }
        return BackupMetrics.Holdings(
            place: self.kind,
            backups: ids.count,
            bytes: objects.reduce(0) { $0 + $1.size }
        )
    }
}

extension MetricsFile.Changes {
    /// Sets what the repositories hold; those that are not there any more go.
    mutating func set(_ holdings: [BackupMetrics.Holdings]?) {
        guard let holdings else { return }
        self.remove(.backups)
        self.remove(.backupStored)
        for held in holdings {
            self.set(.backups, Double(held.backups), repository: held.place)
            self.set(.backupStored, Double(held.bytes), repository: held.place)
        }
    }
}
