import Database
import Failures
import GTID

/// Judges the replication sources, which bring back what no backup holds.
enum PeersChecks {
    static func judge(
        _ answer: Result<[PeerReport], Failure>?,
        _ server: ServerReport?,
        _ newest: Manifest?,
        _ configuration: Configuration
    ) -> [Check] {
        switch answer {
        case nil: []
        case .failure(let failure): [.failed(.peers, "peers", failure)]
        case .success(let reports) where reports.isEmpty: [self.unnamed(server, configuration.replication)]
        case .success(let reports):
            reports.flatMap { self.judge($0, among: reports, server, newest, configuration) }
        }
    }

    /// Without sources in the configuration, a restore goes by the channels that the server has itself.
    private static func unnamed(_ server: ServerReport?, _ replication: Configuration.Replication) -> Check {
        let channels = server?.channels ?? []
        guard !channels.isEmpty else {
            return .warning(
                .peers,
                "peers",
                "no replication source is known: writes made after a backup's binary logs cannot be brought back",
                hint: "name the instance's replication sources in replication.sources"
            )
        }
        let names = channels.map { "'\($0.name)' to \($0.host):\($0.port)" }.joined(separator: ", ")
        guard server?.facts.version.flavor == .mysql || replication.user != nil && replication.password != nil else {
            return .warning(
                .peers,
                "peers",
                "a restore would use the server's own channels \(names), without a login",
                hint: "set replication.user and replication.password_file, best replication.sources too"
            )
        }
        return .ok(.peers, "peers", "not asked: a restore uses the server's own channels, \(names)")
    }

    private static func judge(
        _ report: PeerReport,
        among all: [PeerReport],
        _ server: ServerReport?,
        _ newest: Manifest?,
        _ configuration: Configuration
    ) -> [Check] {
        let name = "peer \(report.peer.name)"
        let facts: PeerFacts
        switch report.facts {
        case .failure(let failure): return [.failed(.peers, name, failure)]
        case .success(let found): facts = found
        }
        if let server, server.facts.version.flavor != facts.version.flavor {
            return [.failed(.peers, name, self.stranger(report, facts))]
        }
        return [
            .ok(.peers, name, "\(facts.version.text) answers '\(report.peer.user)'"),
            self.serverID(report, facts, all, server, configuration),
            self.updates(name, facts),
        ] + self.privileges(name, report, facts) + self.history(name, report, all, server, newest)
    }

    private static func stranger(_ report: PeerReport, _ facts: PeerFacts) -> Failure {
        Failure(
            .database,
            "\(report.peer.name) is a \(facts.version.text), which cannot bring back what another kind of server lost",
            hint: "check replication.sources"
        )
    }

    // MARK: Identity

    private static func serverID(
        _ report: PeerReport,
        _ facts: PeerFacts,
        _ all: [PeerReport],
        _ server: ServerReport?,
        _ configuration: Configuration
    ) -> Check {
        let name = "peer \(report.peer.name) server-id"
        let id = facts.serverID
        if let failure = self.collision(report, facts, all, server, configuration) {
            return .failed(.peers, name, failure)
        }
        guard let configured = report.peer.id, configured != id else { return .ok(.peers, name, "\(id), its own") }
        let detail = "the server's is \(id), replication.sources says \(configured)"
        return .warning(.peers, name, detail, hint: "correct the id in replication.sources")
    }

    private static func collision(
        _ report: PeerReport,
        _ facts: PeerFacts,
        _ all: [PeerReport],
        _ server: ServerReport?,
        _ configuration: Configuration
    ) -> Failure? {
        let hint = "give every server of the group its own server_id; a server ignores events with its own"
        let own = server?.facts.serverID ?? configuration.instance.id
        if facts.serverID == own {
            return Failure(
                .database,
                "\(report.peer.name) has this instance's server-id \(own)",
                hint: server?.facts.uuid != nil && server?.facts.uuid == facts.uuid
                    ? "it is this instance itself: check replication.sources" : hint
            )
        }
        let others = all.filter { $0.peer != report.peer && $0.facts.success?.serverID == facts.serverID }
        if let other = others.first {
            let names = "\(report.peer.name) and \(other.peer.name)"
            return Failure(.database, "\(names) have the same server-id \(facts.serverID)", hint: hint)
        }
        return nil
    }

    // MARK: What it can send

    private static func updates(_ peer: String, _ facts: PeerFacts) -> Check {
        let name = "\(peer) binary logs"
        guard facts.hasBinlog else {
            let failure = Failure(
                .database,
                "it has no binary logs, and can bring nothing back",
                hint: "set log_bin there and restart it"
            )
            return .failed(.peers, name, failure)
        }
        if facts.logsUpdates { return .ok(.peers, name, "on, with what it receives") }
        let option = facts.version.flavor == .mysql ? "log_replica_updates" : "log_slave_updates"
        return .warning(
            .peers,
            name,
            "\(option) is off: what this instance wrote is not in its binary logs, and cannot come back from there",
            hint: "set \(option) = ON in its [mysqld] and restart it"
        )
    }

    private static func privileges(_ peer: String, _ report: PeerReport, _ facts: PeerFacts) -> [Check] {
        let name = "\(peer) privileges"
        let user = report.peer.user
        let monitor = facts.version.flavor == .mysql ? "REPLICATION CLIENT" : "SLAVE MONITOR"
        let missing = facts.privileges.missing(["REPLICATION SLAVE"])
        guard missing.isEmpty else {
            let grant = facts.privileges.grantStatement(facts.privileges.missing(["REPLICATION SLAVE", monitor]))
            let failure = Failure(
                .database,
                "'\(user)' may not replicate",
                hint: "run as an administrator there: \(grant)"
            )
            return [.failed(.peers, name, failure)]
        }
        guard facts.privileges.missing([monitor]).isEmpty else {
            let detail =
                "it does not show '\(user)' what it has received and not yet applied, where last writes may stand"
            let grant = facts.privileges.grantStatement([monitor])
            return [.warning(.peers, name, detail, hint: "run as an administrator there: \(grant)")]
        }
        if let sample = report.sample.success, sample.received == nil {
            let detail = "it cannot name what it has received and not yet applied: a channel of its does not use GTIDs"
            return [.warning(.peers, name, detail, hint: "CHANGE MASTER … TO MASTER_USE_GTID = slave_pos there")]
        }
        return [.ok(.peers, name, "'\(user)' may replicate and see what it has received")]
    }

    private static func history(
        _ peer: String,
        _ report: PeerReport,
        _ all: [PeerReport],
        _ server: ServerReport?,
        _ newest: Manifest?
    ) -> [Check] {
        let name = "\(peer) history"
        let sample: PeerSample
        switch report.sample {
        case .failure(let failure):
            // Without the privilege, which is told of already, this cannot go well.
            return report.facts.success?.privileges.missing(["REPLICATION SLAVE"]).isEmpty == false
                ? [] : [.failed(.peers, name, failure)]
        case .success(let found): sample = found
        }
        if let newest, newest.server.flavor == report.facts.success?.version.flavor {
            let gone = sample.purged.subtracting(newest.reach)
            if !gone.isEmpty { return [self.purged(name, report, gone, all)] }
        }
        guard let own = server?.executed else { return [.ok(.peers, name, "holds \(sample.executed)")] }
        let missing = own.subtracting(sample.held)
        return [
            .ok(.peers, name, missing.isEmpty ? "holds all of this instance's" : "does not hold \(missing) yet")
        ]
    }

    /// What the newest backup lacks and a source cannot send any more; another one may.
    private static func purged(_ name: String, _ report: PeerReport, _ gone: GTIDSet, _ all: [PeerReport]) -> Check {
        let detail = "it has purged \(gone), which the newest backup does not hold"
        let hint = "run dorsal backup now, while the instance has its binary logs"
        let other = all.first { other in
            guard other.peer != report.peer, let sample = other.sample.success else { return false }
            return sample.executed.contains(gone) && sample.purged.intersection(gone).isEmpty
        }
        guard let other else {
            return .failed(.peers, name, Failure(.gap, "\(detail); a restore could not catch up", hint: hint))
        }
        return .warning(.peers, name, "\(detail); a restore would need \(other.peer.name)", hint: hint)
    }
}
