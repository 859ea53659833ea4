import Database
import Failures
import GTID

/// Setting up the channels of a restored server.
struct Channels {
    let connection: ServerConnection
    let dialect: any Dialect
    let log: RunLog

    /// Makes the channels for the configured sources, or else makes those that came with the backup usable again.
    ///
    /// - Returns: the peers, one a channel; none is started.
    func setUp(_ replication: Configuration.Replication, recorded: [Manifest.ChannelRecord]) async throws -> [Peer] {
        let configured = try Peers.configured(replication)
        let inData = try await self.peersInData(configured.isEmpty ? replication : nil)
        if !configured.isEmpty {
            try await self.forget(inData.map(\.channel))
            for peer in configured {
                try await self.connection.query(
                    self.dialect.setUp(peer.source),
                    purpose: "setting up the channel '\(peer.channel)'"
                )
            }
            return configured
        }
        if !inData.isEmpty { return try await self.reuse(inData) }
        guard !recorded.isEmpty else { return [] }
        return try await self.setUpRecorded(recorded, replication)
    }

    /// The channels that the data knows.
    ///
    /// MySQL keeps them in a table, passwords included. MariaDB keeps them in files whose passwords it does not tell.
    ///
    /// - Parameter replication: the login to reach the peers with; nil when they are not to be reached.
    private func peersInData(_ replication: Configuration.Replication?) async throws -> [Peer] {
        switch self.dialect.flavor {
        case .mariadb:
            let channels = try await self.connection.channels(self.dialect)
            let password = try replication.flatMap { channels.isEmpty ? nil : $0 }
                .map { try Peers.login($0, for: "the sources of the channels that came with the backup").1 }
            return channels.map {
                Peer(
                    id: nil,
                    channel: $0.name,
                    host: $0.host,
                    port: $0.port,
                    user: $0.user,
                    password: password ?? Secret(""),
                    isInData: true
                )
            }
        case .mysql:
            let rows = try await self.connection.query(
                "SELECT channel_name, host, port, user_name, user_password FROM mysql.slave_master_info",
                purpose: "reading the channels that came with the data"
            )
            return rows.map { row in
                Peer(
                    id: nil,
                    channel: row["channel_name"] ?? "",
                    host: row["host"] ?? "",
                    port: row["port"].flatMap(UInt16.init) ?? 3306,
                    user: row["user_name"] ?? "",
                    password: Secret(row["user_password"] ?? ""),
                    isInData: true
                )
            }
        }
    }

    /// The configured topology is the true one; a channel of an earlier one would fetch the same events twice.
    private func forget(_ channels: [String]) async throws {
        for channel in channels {
            try await self.connection.query(self.dialect.stop(channel), purpose: "stopping '\(channel)'")
            try await self.connection.query(self.dialect.forget(channel), purpose: "removing the channel '\(channel)'")
            self.log.note("the channel '\(channel)', which came with the backup, gives way to the configured sources")
        }
    }

    /// Relay logs are not backed up, so the channels' are reset; how they reach their sources stays.
    private func reuse(_ peers: [Peer]) async throws -> [Peer] {
        for peer in peers {
            let purpose = "resetting the relay logs of the channel '\(peer.channel)'"
            try await self.connection.query(self.dialect.stop(peer.channel), purpose: purpose)
            try await self.connection.query(self.dialect.reset(peer.channel), purpose: purpose)
            try await self.connection.query(self.dialect.positionByGTID(peer.channel), purpose: purpose)
        }
        return peers
    }

    /// MariaDB keeps a channel's password outside the data, in a file that no backup holds.
    private func setUpRecorded(
        _ recorded: [Manifest.ChannelRecord],
        _ replication: Configuration.Replication
    ) async throws -> [Peer] {
        let (user, password) = try Peers.login(
            replication,
            for: "the sources of the channels that came with the backup"
        )
        var peers: [Peer] = []
        for channel in recorded {
            let peer = Peer(
                id: nil,
                channel: channel.name,
                host: channel.host,
                port: channel.port,
                user: user,
                password: password
            )
            try await self.connection.query(
                self.dialect.setUp(peer.source),
                purpose: "setting up the channel '\(peer.channel)'"
            )
            peers.append(peer)
        }
        return peers
    }
}
