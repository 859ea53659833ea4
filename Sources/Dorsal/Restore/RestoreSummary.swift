import GTID

/// What a restore came to, as `--json` prints it.
public struct RestoreSummary: Sendable, Encodable {
    /// Always `summary`.
    public let type = "summary"
    /// The backup's id; nil for a catch-up alone.
    public let backup: String?
    /// The data directory that is ready.
    public let dataDir: String
    /// The option file to start the server with.
    public let optionFile: String
    /// The proof.
    public let gtid: Comparison
    /// The peers.
    public let sources: [Source]
    /// The restored server's new UUID; nil on MariaDB, and when it has not been started with its binary log.
    public let serverUuid: String?
    /// The server-id that was used meanwhile.
    public let temporaryServerId: UInt32
    /// Where an earlier data directory was moved to.
    public let movedAside: String?
    /// What the user should look at; with any of these the exit code is 2.
    public let warnings: [String]
    /// Seconds by stage.
    public let seconds: [String: Double]

    /// GTID sets as the server writes them.
    public struct Comparison: Sendable, Encodable {
        /// Data, binary logs and peers together.
        public let expected: String
        /// What the server holds.
        public let executed: String
        /// Expected but not there.
        public let missing: String
        /// There but not expected.
        public let extra: String
    }

    /// One peer.
    public struct Source: Sendable, Encodable {
        /// Its host.
        public let host: String
        /// Its port.
        public let port: UInt16
        /// Its id in the configuration.
        public let id: UInt32?
        /// The channel that fetched from it.
        public let channel: String
        /// Whether it was reached.
        public let reached: Bool
        /// Why it was not reached, or could not send everything.
        public let cause: String?
    }

    init(
        backup: String?,
        layout: TargetLayout,
        proof: Proof,
        peers: [PeerOutcome],
        temporaryServerID: UInt32,
        movedAside: String?,
        warnings: [String],
        seconds: [String: Double]
    ) {
        self.backup = backup
        self.dataDir = layout.dataDirectory
        self.optionFile = layout.myCnf
        self.gtid = Comparison(
            expected: proof.expected.description,
            executed: proof.executed.description,
            missing: proof.missing.description,
            extra: proof.extra.description
        )
        self.sources = peers.map {
            Source(
                host: $0.peer.host,
                port: $0.peer.port,
                id: $0.peer.id,
                channel: $0.peer.channel,
                reached: $0.isReached,
                cause: $0.cause
            )
        }
        self.serverUuid = proof.serverUUID
        self.temporaryServerId = temporaryServerID
        self.movedAside = movedAside
        self.warnings = warnings
        self.seconds = seconds
    }
}
