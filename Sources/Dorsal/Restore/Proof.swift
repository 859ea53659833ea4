import Binlog
import Blocking
import Failures
import GTID

/// What was expected of a restored server, and what it holds.
struct Proof: Sendable, Equatable {
    /// Data, binary logs and peers together.
    let expected: GTIDSet
    let executed: GTIDSet
    var serverUUID: String?
    /// Events in the binary log that carry the temporary server-id; there must be none.
    var temporaryEvents = 0

    var missing: GTIDSet { self.expected.subtracting(self.executed) }
    var extra: GTIDSet { self.executed.subtracting(self.expected) }
}

extension Rejoin {
    /// Compares what the stopped server holds with what it must hold, and reads what it wrote to its binary log.
    ///
    /// Transactions that a peer made after it was first asked may have come too; they count as expected when that peer
    /// holds them.
    func prove(_ rejoined: Rejoined) async throws -> Proof {
        let sampled = rejoined.peers.compactMap(\.sampled).reduce(rejoined.base) { $0.union($1) }
        let came = rejoined.executed.intersection(rejoined.finally)
        let flavor = rejoined.base.flavor
        let files = rejoined.newBinlogs
        let id = rejoined.temporaryServerID
        let found = try await offPool { flag in
            try files.reduce(0) { count, path in
                try flag.check()
                return count + (try BinlogSummary.scan(path: path, flavor: flavor).serverIDs.contains(id) ? 1 : 0)
            }
        }
        return Proof(
            expected: sampled.union(came),
            executed: rejoined.executed,
            serverUUID: rejoined.serverUUID,
            temporaryEvents: found
        )
    }
}
