public import Failures
import GTID

/// Whether a restore ended well; never well while anything is missing.
struct Verdict {
    let proof: Proof
    let peers: [PeerOutcome]
    /// Whether fetching from the peers was asked for.
    let catchesUp: Bool

    /// Whether nothing is left to do.
    var isComplete: Bool { self.failure == nil }

    /// What is wrong, the worst first; nil when all is well.
    var failure: Failure? {
        self.corruption ?? self.gap ?? self.notCaughtUp
    }

    /// What the user should look at although all is well.
    var warnings: [String] {
        guard self.catchesUp else { return [] }
        if self.peers.isEmpty {
            return ["no replication source is known: writes made after the backup's binary logs cannot be brought back"]
        }
        return self.peers.compactMap { peer in
            guard peer.isReached else {
                return "\(peer.peer.name) was not reached (\(peer.cause ?? "no cause known")): "
                    + "events that only it holds are missing"
            }
            if let cause = peer.cause { return "\(peer.peer.name) could not send: \(cause)" }
            guard !peer.showsReceived else { return nil }
            return "\(peer.peer.name) does not show '\(peer.peer.user)' what it has received and not yet applied, "
                + "where last writes may stand: grant REPLICATION CLIENT (MariaDB: SLAVE MONITOR) and run dorsal catch-up"
        }
    }

    private var corruption: Failure? {
        if self.proof.temporaryEvents > 0 {
            return Failure(
                .integrity,
                "the temporary server generated events of its own; they stand in \(self.proof.temporaryEvents) binary logs",
                hint: "MEMORY tables or scheduled events may be the cause; restore again with --no-catch-up and compare"
            )
        }
        // What an earlier run had fetched from a peer that is not reached now cannot be told from what is foreign.
        guard !self.proof.extra.isEmpty, self.peers.allSatisfy(\.isReached) else { return nil }
        return Failure(
            .integrity,
            "the restored server holds transactions that neither the backup nor a peer holds",
            cause: "extra: \(self.proof.extra)",
            hint: "did something write to the server while it was restored?"
        )
    }

    private var gap: Failure? {
        let purged = self.peers.filter { $0.purged != nil }
        guard !purged.isEmpty, !self.proof.missing.isEmpty else { return nil }
        let names = purged.map { "\($0.peer.name) has purged \($0.purged?.description ?? "")" }
        return Failure(
            .gap,
            "history is missing: \(self.proof.missing)",
            cause: names.joined(separator: "; "),
            hint:
                "name another source that still has it in replication.sources and run dorsal catch-up, or restore a newer backup"
        )
    }

    private var notCaughtUp: Failure? {
        let hint = "do not start the server yet: when the peers can be reached, run dorsal catch-up"
        guard self.proof.missing.isEmpty else {
            let causes = self.peers.compactMap { peer in peer.cause.map { "\(peer.peer.name): \($0)" } }
            return Failure(
                .notCaughtUp,
                "restored, but transactions are missing: \(self.proof.missing)",
                cause: causes.isEmpty ? nil : causes.joined(separator: "; "),
                hint: hint
            )
        }
        guard self.catchesUp, !self.peers.isEmpty, !self.peers.contains(where: \.isReached) else { return nil }
        return Failure(
            .notCaughtUp,
            "restored to the end of the backup's binary logs, but no peer was reached",
            cause: self.peers.map { "\($0.peer.name): \($0.cause ?? "no cause known")" }.joined(separator: "; "),
            hint: hint
        )
    }
}

/// A restore that is not complete: what was reached, and what is wrong.
public struct IncompleteRestore: Error, Sendable {
    /// What is wrong, and what to do.
    public let failure: Failure
    /// What was reached.
    public let summary: RestoreSummary
}
