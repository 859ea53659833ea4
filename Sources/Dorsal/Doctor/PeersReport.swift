import Blocking
import Database
import Failures
import GTID

/// What a replication source says of itself.
struct PeerReport: Sendable {
    let peer: Peer
    let facts: Result<PeerFacts, Failure>
    /// What it holds, as a restore asks it.
    let sample: Result<PeerSample, Failure>
}

/// A replication source's settings, and what the replicating user may do there.
struct PeerFacts: Sendable, Equatable {
    let version: ServerVersion
    let serverID: UInt32
    let uuid: String?
    let hasBinlog: Bool
    /// Whether it writes what it receives into its own binary logs.
    let logsUpdates: Bool
    let privileges: Privileges
}

extension Doctor {
    /// - Returns: the sources in the order of the configuration; empty when there are none.
    func askPeers(_ limit: TimeLimit, isWanted: Bool) async throws -> Result<[PeerReport], Failure>? {
        guard isWanted else { return nil }
        let replication = self.configuration.replication
        let found = try await limit.ask("the password for the replication sources", .usage) {
            try await untilCancelled { try Peers.configured(replication, within: Self.secretLimit) }
        }
        switch found {
        case .failure(let failure): return .failure(failure)
        case .success(let peers):
            return .success(
                try await withThrowingTaskGroup(of: (Int, PeerReport).self) { group in
                    for (index, peer) in peers.enumerated() {
                        group.addTask { (index, try await self.ask(peer, limit)) }
                    }
                    var reports: [(Int, PeerReport)] = []
                    for try await report in group { reports.append(report) }
                    return reports.sorted { $0.0 < $1.0 }.map(\.1)
                }
            )
        }
    }

    private func ask(_ peer: Peer, _ limit: TimeLimit) async throws -> PeerReport {
        var peer = peer
        peer.connectSeconds = 3
        peer.silenceSeconds = 5
        let asked = peer
        let facts = try await limit.ask(peer.name, .database) {
            try await ServerConnection.with(asked.endpoint) { try await $0.peerFacts() }
        }
        let known: PeerFacts
        switch facts {
        case .failure(let failure): return PeerReport(peer: peer, facts: facts, sample: .failure(failure))
        case .success(let found): known = found
        }
        let reader = TemporaryServerID(configuration: self.configuration).reader
        let sample = try await limit.ask(peer.name, .database) {
            try await Peers.sample(asked, known.version.dialect, readerID: reader)
        }
        return PeerReport(peer: peer, facts: facts, sample: sample)
    }
}

extension ServerConnection {
    fileprivate func peerFacts() async throws -> PeerFacts {
        let version = try ServerVersion(parsing: try await self.value("SELECT VERSION()") ?? "")
        let settings = try await self.variables([
            "server_id", "server_uuid", "log_bin", "log_replica_updates", "log_slave_updates",
        ])
        return PeerFacts(
            version: version,
            serverID: settings["server_id"].flatMap(UInt32.init) ?? 0,
            uuid: settings["server_uuid"],
            hasBinlog: settings["log_bin"] == "ON",
            logsUpdates: (settings["log_replica_updates"] ?? settings["log_slave_updates"]) == "ON",
            privileges: try await self.privileges(version)
        )
    }
}
