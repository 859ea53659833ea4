import Binlog
import Database
import Failures
import GTID

/// Finding and asking the servers that an instance replicates from.
enum Peers {
    /// The sources in the configuration.
    ///
    /// - Parameter limit: how long a command that prints the password may take.
    /// - Throws: `Failure` of class `usage` when there are sources but no user or password to reach them with.
    static func configured(
        _ replication: Configuration.Replication,
        within limit: Duration = SecretCommand.usualLimit
    ) throws -> [Peer] {
        guard !replication.sources.isEmpty else { return [] }
        let (user, password) = try Self.login(replication, for: "replication.sources", within: limit)
        return replication.sources.map {
            Peer(id: $0.id, channel: $0.channel, host: $0.host, port: $0.port, user: user, password: password)
        }
    }

    static func login(
        _ replication: Configuration.Replication,
        for what: String,
        within limit: Duration = SecretCommand.usualLimit
    ) throws -> (String, Secret) {
        guard let user = replication.user, let password = try replication.password?.resolve(within: limit) else {
            throw Failure(
                .usage,
                "\(what) cannot be reached without a login",
                hint: "set replication.user and replication.password_file"
            )
        }
        return (user, password)
    }

    /// Asks all peers at once.
    ///
    /// - Parameters:
    ///   - readerID: a server-id to appear under, which no replica of theirs has.
    ///   - ownUUID: the asking server's UUID, whose own earlier connections do not count.
    static func probe(
        _ peers: [Peer],
        _ dialect: any Dialect,
        readerID: UInt32,
        ownUUID: String? = nil
    ) async -> [PeerProbe] {
        await withTaskGroup(of: (Int, PeerProbe).self) { group in
            for (index, peer) in peers.enumerated() {
                group.addTask {
                    do {
                        let sample = try await Self.sample(peer, dialect, readerID: readerID, ownUUID: ownUUID)
                        return (index, PeerProbe(peer: peer, result: .success(sample)))
                    } catch let failure as Failure {
                        return (index, PeerProbe(peer: peer, result: .failure(failure)))
                    } catch {
                        let failure = Failure(.database, "\(peer.name) could not be asked", cause: "\(error)")
                        return (index, PeerProbe(peer: peer, result: .failure(failure)))
                    }
                }
            }
            var probes: [(Int, PeerProbe)] = []
            for await probe in group { probes.append(probe) }
            return probes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Asks one peer, with nothing but the privilege to replicate.
    static func sample(
        _ peer: Peer,
        _ dialect: any Dialect,
        readerID: UInt32,
        ownUUID: String? = nil
    ) async throws -> PeerSample {
        let (executed, received, purged, ids, writers) = try await ServerConnection.with(peer.endpoint) { connection in
            let version = try ServerVersion(parsing: try await connection.value("SELECT VERSION()") ?? "")
            guard version.flavor == dialect.flavor else {
                throw Failure(
                    .database,
                    "\(peer.name) is a \(version.text), which cannot bring back what a \(dialect.flavor.rawValue) server lost",
                    hint: "check replication.sources"
                )
            }
            try await Self.checkGTIDMode(connection, peer, dialect)
            // What was received first, then what was executed: a transaction between the two is in one of them.
            let received = try await Self.received(connection, version.dialect)
            let executed = try await connection.executedSet(dialect)
            let purged = try await connection.purgedSet(dialect)
            return (
                executed, received, purged, try await Self.serverIDs(connection, ownUUID: ownUUID),
                try await connection.domainWriters(dialect)
            )
        }
        let gone: GTIDSet
        if let purged {
            gone = purged
        } else {
            gone = try await Self.oldestPosition(peer, dialect, readerID: readerID)
        }
        return PeerSample(
            executed: executed,
            received: received,
            purged: gone,
            serverIDs: ids,
            writers: writers
        )
    }

    private static func checkGTIDMode(_ connection: ServerConnection, _ peer: Peer, _ dialect: any Dialect) async throws
    {
        guard dialect.flavor == .mysql else { return }
        let mode = try await connection.value("SELECT @@GLOBAL.gtid_mode") ?? ""
        guard !mode.hasPrefix("ON") else { return }
        throw Failure(
            .database,
            "\(peer.name) has no GTIDs to send",
            cause: "gtid_mode = \(mode)",
            hint: "turn GTIDs on there"
        )
    }

    /// What a peer's own channels have received; nil when the user lacks the privilege to see it.
    private static func received(_ connection: ServerConnection, _ dialect: any Dialect) async throws -> GTIDSet? {
        let states: [ChannelState]
        do {
            states = try await connection.channels(dialect)
        } catch let failure as Failure where failure.class == .database {
            return nil
        }
        if states.contains(where: \.hidesReceived) { return nil }
        return try states.reduce(.empty(dialect.flavor)) { set, state in
            set.union(try GTIDSet(parsing: state.received, flavor: dialect.flavor))
        }
    }

    private static func serverIDs(_ connection: ServerConnection, ownUUID: String?) async throws -> Set<UInt32> {
        var ids: Set<UInt32> = []
        if let own = try await connection.value("SELECT @@GLOBAL.server_id").flatMap(UInt32.init) { ids.insert(own) }
        // Not every server lets a replication user list replicas; then the peers' own ids must do.
        for statement in ["SHOW REPLICAS", "SHOW SLAVE HOSTS"] {
            guard let rows = try? await connection.query(statement) else { continue }
            // A connection of ours that was killed is listed until the peer notices.
            let others = rows.filter { ownUUID == nil || $0["Replica_UUID", "Slave_UUID"] != ownUUID }
            ids.formUnion(others.compactMap { $0.first.flatMap(UInt32.init) })
            break
        }
        return ids
    }

    /// What came before a MariaDB server's oldest binary log: it has no variable for that, so the log's head is read.
    private static func oldestPosition(_ peer: Peer, _ dialect: any Dialect, readerID: UInt32) async throws -> GTIDSet {
        try await ServerConnection.with(peer.endpoint) { connection in
            let head = try await connection.dumpBinlogs(
                from: "",
                serverID: readerID,
                dialect: dialect,
                state: BinlogReceiver(flavor: dialect.flavor)
            ) { receiver, event in
                _ = try receiver.receive(event)
                return try BinlogEventHeader(event).type == .mariadbGTIDList ? .stop : .continue
            }
            var receiver = head
            return receiver.finish()?.previous ?? .empty(dialect.flavor)
        }
    }
}

extension ServerConnection {
    /// What a server cannot send any more; nil where only its binary logs tell.
    func purgedSet(_ dialect: any Dialect) async throws -> GTIDSet? {
        guard let query = dialect.purgedSet else { return nil }
        let text = try await self.value(query, purpose: "reading the purged GTID set")
        return try GTIDSet(parsing: text ?? "", flavor: dialect.flavor)
    }

    /// Which servers wrote to which domains; nothing on MySQL, where every server has a UUID of its own.
    func domainWriters(_ dialect: any Dialect) async throws -> DomainWriters {
        guard dialect.flavor == .mariadb else { return DomainWriters() }
        let state = try await self.value("SELECT @@GLOBAL.gtid_binlog_state", purpose: "reading the binary log's state")
        return DomainWriters(state: state ?? "")
    }
}
