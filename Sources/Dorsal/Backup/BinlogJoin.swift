import Engines
import Failures
import GTID

/// Whether data and binary logs join up: nothing may be missing between them, or from one file to the next.
struct BinlogJoin {
    let data: DataBoundary
    let binlogs: [Manifest.BinlogRecord]

    /// - Throws: `Failure` of class `unusable` with the missing set.
    func check() throws {
        guard let first = self.binlogs.first else {
            throw Failure(.unusable, "the server sent no binary log", hint: "is log_bin on?")
        }
        guard self.data.lower.contains(first.previous) else {
            throw self.purged(first.name, first.previous.subtracting(self.data.lower))
        }
        if let file = self.data.binlogFile, !self.binlogs.contains(where: { $0.name == file }) {
            throw self.purged(first.name, first.previous)
        }
        if let file = self.binlogs.first(where: { $0.anonymous > 0 && !self.data.lower.contains($0.gtids) }) {
            throw Failure(
                .unusable,
                "the binary log \(file.name) holds \(file.anonymous) transactions without a GTID",
                cause: "they cannot be told apart from those that the data holds already",
                hint: "GTIDs were turned on lately: FLUSH BINARY LOGS, then run dorsal backup again"
            )
        }
        for (earlier, later) in zip(self.binlogs, self.binlogs.dropFirst()) {
            let reached = earlier.previous.union(earlier.gtids).union(self.data.lower)
            guard reached.contains(later.previous) else {
                throw Failure(
                    .unusable,
                    "history is missing between the binary logs \(earlier.name) and \(later.name)",
                    cause: "missing: \(later.previous.subtracting(reached))",
                    hint: "run dorsal backup again"
                )
            }
        }
    }

    private func purged(_ file: String, _ missing: GTIDSet) -> Failure {
        Failure(
            .unusable,
            "binary logs were purged during the backup; nothing was published",
            cause: "the data reaches \(self.data.lower), the oldest binary log is \(file); missing: \(missing)",
            hint:
                "keep binary logs longer than a backup takes (binlog_expire_logs_seconds), then run dorsal backup again"
        )
    }
}
