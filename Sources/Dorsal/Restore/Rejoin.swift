import Database
import Failures
import Foundation
import GTID

/// A server that was brought up to its peers, and what is needed to prove it.
struct Rejoined: Sendable {
    /// What data and binary logs hold.
    let base: GTIDSet
    let executed: GTIDSet
    let peers: [PeerOutcome]
    /// What the peers held after the channels had been stopped.
    let finally: GTIDSet
    let serverUUID: String?
    let temporaryServerID: UInt32
    /// The binary logs that the temporary server wrote.
    let newBinlogs: [String]
}

/// Fetches from the peers what no backup holds: events that they and the lost server itself made after it.
struct Rejoin {
    let layout: TargetLayout
    let configuration: Configuration
    let log: RunLog

    private var readerID: UInt32 { TemporaryServerID(configuration: self.configuration).reader }

    /// - Parameters:
    ///   - settings: the temporary server's, with its binary log on.
    ///   - base: what data and binary logs hold; nil takes what the server says at its start.
    ///   - recorded: the channels that the backed-up server had.
    ///   - knownBinlogs: the binary logs that came with the backup; nil takes those that are there at the start.
    func run(
        _ settings: TemporaryServer.Settings,
        base: GTIDSet?,
        recorded: [Manifest.ChannelRecord],
        knownBinlogs: [String]?,
        temporaryServerID: UInt32
    ) async throws -> Rejoined {
        try self.warnOfFilters(settings.optionFile)
        return try await TemporaryServer.with(settings) { server in
            try await ServerConnection.with(server.endpoint) { connection in
                let facts = try await connection.facts()
                try self.check(facts)
                let start = try await connection.executedSet(facts.dialect)
                try Self.check(start, holds: base)
                try await Self.checkApplied(connection, facts.dialect, holds: base)
                let files = try await connection.binlogFiles()
                let peers = try await Channels(connection: connection, dialect: facts.dialect, log: self.log)
                    .setUp(self.configuration.replication, recorded: recorded)
                let probes = await Peers.probe(
                    peers,
                    facts.dialect,
                    readerID: self.readerID,
                    ownUUID: facts.uuid
                )
                try Self.checkServerID(temporaryServerID, probes)
                self.tell(probes)
                self.warnOfStrangers(probes, base ?? start)
                self.warnOfSharedDomains(probes, try await connection.domainWriters(facts.dialect))
                let outcomes = try await CatchUp(
                    connection: connection,
                    server: server,
                    dialect: facts.dialect,
                    log: self.log
                ).run(probes)
                for peer in peers {
                    try await connection.query(facts.dialect.stop(peer.channel), purpose: "stopping '\(peer.channel)'")
                }
                let executed = try await connection.executedSet(facts.dialect)
                return Rejoined(
                    base: base ?? start,
                    executed: executed,
                    peers: outcomes,
                    finally: try await self.finally(outcomes, facts.dialect),
                    serverUUID: facts.uuid,
                    temporaryServerID: temporaryServerID,
                    newBinlogs: try await Self.newBinlogs(connection, facts, known: knownBinlogs ?? files.dropLast())
                )
            }
        }
    }

    private func check(_ facts: ServerFacts) throws {
        guard facts.binlogEnabled else {
            throw Failure(
                .database,
                "the server on \(self.layout.dataDirectory) has no binary log",
                hint: "set log_bin in \(self.layout.myCnf): without it the history that comes from the peers is lost"
            )
        }
    }

    private static func check(_ executed: GTIDSet, holds base: GTIDSet?) throws {
        guard let base, !executed.contains(base) else { return }
        throw Failure(
            .integrity,
            "the server lost transactions between the replay and its next start",
            cause: "missing: \(base.subtracting(executed))",
            hint: "run dorsal restore again"
        )
    }

    /// On MariaDB the binary logs that were put back say what should be there; only the replica position says what is.
    private static func checkApplied(
        _ connection: ServerConnection,
        _ dialect: any Dialect,
        holds base: GTIDSet?
    ) async throws {
        guard dialect.flavor == .mariadb, let base else { return }
        let text = try await connection.value("SELECT @@GLOBAL.gtid_slave_pos", purpose: "reading the position") ?? ""
        try Self.check(try GTIDSet(parsing: text, flavor: .mariadb), holds: base)
    }

    /// The topology may have changed since the id was chosen.
    private static func checkServerID(_ id: UInt32, _ probes: [PeerProbe]) throws {
        for probe in probes where probe.sample?.serverIDs.contains(id) ?? false {
            throw Failure(
                .unusable,
                "the temporary server-id \(id) is in use at \(probe.peer.name) or one of its replicas",
                hint: "set replication.temporary_server_id to an id that nobody uses"
            )
        }
    }

    private func warnOfFilters(_ optionFile: String) throws {
        let filters = try ServerOptions.filters(in: optionFile)
        guard !filters.isEmpty else { return }
        self.log.warn(
            """
            replication filters are set (\(filters.joined(separator: ", "))): what they leave out cannot come back \
            from the peers, the server's own lost writes included
            """
        )
    }

    /// A peer that knows nothing of the instance was never its peer, or has lost everything.
    private func warnOfStrangers(_ probes: [PeerProbe], _ base: GTIDSet) {
        for probe in probes {
            guard let held = probe.sample?.held, !base.isEmpty, held.intersection(base).isEmpty else { continue }
            self.log.warn("\(probe.peer.name) holds nothing of this instance's history: is it the right peer?")
        }
    }

    private func warnOfSharedDomains(_ probes: [PeerProbe], _ own: DomainWriters) {
        let shared = probes.compactMap(\.sample).reduce(own) { $0.union($1.writers) }.shared
        guard !shared.isEmpty else { return }
        self.log.warn(
            """
            several servers have written to GTID domain \(shared.joined(separator: ", ")): if they did so at the same \
            time, positions do not prove that nothing is missing; compare the tables, and give each server its own \
            gtid_domain_id
            """
        )
    }

    private func tell(_ probes: [PeerProbe]) {
        for probe in probes {
            switch probe.result {
            case .success(let sample): self.log.note("\(probe.peer.name) holds \(sample.executed)")
            case .failure(let failure):
                self.log.note("\(probe.peer.name) not reached: \(failure.cause ?? failure.message)")
            }
        }
    }

    /// What the reached peers hold now: whatever came beyond the first answers must stand here.
    private func finally(
        _ outcomes: [PeerOutcome],
        _ dialect: any Dialect
    ) async throws -> GTIDSet {
        let reached = outcomes.filter(\.isReached).map(\.peer)
        let probes = await Peers.probe(reached, dialect, readerID: self.readerID)
        return try probes.reduce(.empty(dialect.flavor)) { set, probe in
            guard case .failure(let failure) = probe.result else { return set.union(probe.sample?.held ?? set) }
            throw Failure(
                .notCaughtUp,
                "\(probe.peer.name) went away before it could be compared with",
                cause: failure.cause ?? failure.message,
                hint: "run dorsal catch-up when it is back"
            )
        }
    }

    /// The paths of the files that temporary servers wrote.
    private static func newBinlogs(
        _ connection: ServerConnection,
        _ facts: ServerFacts,
        known: [String]
    ) async throws -> [String] {
        let folder = (facts.binlogBase as NSString).deletingLastPathComponent
        return try await connection.binlogFiles().filter { !known.contains($0) }.map { "\(folder)/\($0)" }
    }
}
