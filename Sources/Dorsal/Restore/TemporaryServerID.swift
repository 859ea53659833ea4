import Failures

/// The server-id of a restored server until it is handed over.
///
/// A server ignores events with its own server-id, so with its real one it would never get back what it had itself
/// written. The id must not be in use anywhere, nor stand in any event that is still to be applied.
struct TemporaryServerID {
    private let configured: UInt32?
    private let instance: UInt32
    private let port: UInt16
    /// Ids that belong to servers, whether they are up or not.
    private let known: Set<UInt32>

    init(configuration: Configuration) {
        self.configured = configuration.replication.temporaryServerID
        self.instance = configuration.instance.id
        self.port = configuration.instance.port
        self.known = Set(configuration.replication.sources.map(\.id) + [configuration.instance.id])
    }

    /// The id that is tried first.
    var first: UInt32 { self.configured ?? Self.preferred(instance: self.instance, port: self.port) }

    /// An id that nobody chooses by hand, and that differs for every port of a machine and for every instance of a
    /// group: two that are lost together must not end each other's connections to a third.
    static func preferred(instance: UInt32, port: UInt16) -> UInt32 {
        100_000_000 + instance % 1000 * 100_000 + UInt32(port)
    }

    /// An id for reading binary logs, which a temporary server that was left running does not have.
    var reader: UInt32 { 100_000_000 + Self.preferred(instance: self.instance, port: self.port) }

    /// The first id that nothing uses.
    ///
    /// - Throws: `Failure` of class `usage` when the configured one is in use.
    func choose(_ manifest: Manifest, _ probes: [PeerProbe]) throws -> UInt32 {
        var taken = Set(manifest.binlogs.flatMap(\.serverIDs) + [manifest.server.serverID])
        for probe in probes {
            if case .success(let sample) = probe.result { taken.formUnion(sample.serverIDs) }
        }
        return try self.choose(taken)
    }

    func choose(_ used: Set<UInt32>) throws -> UInt32 {
        let taken = used.union(self.known)
        if let configured {
            guard !taken.contains(configured) else {
                throw Failure(
                    .usage,
                    "replication.temporary_server_id \(configured) is in use by a server or stands in its events",
                    hint: "choose another, or leave it out and let Dorsal choose"
                )
            }
            return configured
        }
        var id = self.first
        while taken.contains(id) { id += 1 }
        return id
    }
}
