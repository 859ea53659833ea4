import Database
import Failures
import GTID

/// A server that the instance replicates from.
struct Peer: Sendable, Equatable {
    /// The id in the configuration; nil for a channel that came with the backup.
    let id: UInt32?
    let channel: String
    let host: String
    let port: UInt16
    let user: String
    let password: Secret
    /// Whether the channel's settings came with the data, so that it needs no new ones.
    var isInData = false
    /// How long a connection attempt may take, in seconds.
    var connectSeconds: UInt32 = 10
    /// How long the peer may be silent during a statement, in seconds.
    var silenceSeconds: UInt32 = 30

    var name: String { "\(self.host):\(self.port)" }

    var source: ChannelSource {
        ChannelSource(
            channel: self.channel,
            host: self.host,
            port: self.port,
            user: self.user,
            password: self.password
        )
    }

    var endpoint: Endpoint {
        var endpoint = Endpoint(.tcp(host: self.host, port: self.port), user: self.user, password: self.password)
        endpoint.connectSeconds = self.connectSeconds
        endpoint.silenceSeconds = self.silenceSeconds
        return endpoint
    }
}

/// What a peer said when it was asked.
struct PeerSample: Sendable, Equatable {
    let executed: GTIDSet
    /// What the peer has received from elsewhere, applied or not; nil when its user may not see that.
    ///
    /// The lost server's last writes may stand there, and nowhere else.
    let received: GTIDSet?
    /// What the peer cannot send any more.
    let purged: GTIDSet
    /// The peer's own server-id and those of its replicas.
    let serverIDs: Set<UInt32>
    /// The servers that wrote to each of MariaDB's domains.
    var writers = DomainWriters()

    /// What the peer holds, or is about to apply.
    var held: GTIDSet { self.received.map { self.executed.union($0) } ?? self.executed }
}

/// A peer and how asking it went.
struct PeerProbe: Sendable {
    let peer: Peer
    let result: Result<PeerSample, Failure>

    var sample: PeerSample? { try? self.result.get() }
}

/// What became of a peer in a rejoin.
struct PeerOutcome: Sendable, Equatable {
    let peer: Peer
    /// What the peer held when it was first asked; nil when it was not reached.
    let sampled: GTIDSet?
    /// Whether the peer told what it had received and not yet applied.
    var showsReceived = true
    /// Why it was not reached, or could not send.
    var cause: String?
    /// What the peer has purged and nobody else sent.
    var purged: GTIDSet?

    var isReached: Bool { self.sampled != nil }
}
