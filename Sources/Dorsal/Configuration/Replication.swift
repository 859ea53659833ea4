extension Configuration {
    /// The instance's replication peers and how to reach them.
    public struct Replication: Sendable, Equatable {
        /// The user that replicates.
        public var user: String?
        /// Where that user's password is.
        public var password: PasswordSource?
        /// The peers.
        public var sources: [Source]
        /// The server-id that the instance has while it catches up; nil to derive one.
        public var temporaryServerID: UInt32?

        /// Makes the settings.
        public init(
            user: String? = nil,
            password: PasswordSource? = nil,
            sources: [Source] = [],
            temporaryServerID: UInt32? = nil
        ) {
            self.user = user
            self.password = password
            self.sources = sources
            self.temporaryServerID = temporaryServerID
        }
    }

    /// A replication peer.
    public struct Source: Sendable, Equatable {
        /// The peer's number, unique in the replication group.
        public var id: UInt32
        /// The peer's host name or address.
        public var host: String
        /// The peer's TCP port.
        public var port: UInt16
        /// The name of the replication channel from it.
        public var channel: String

        /// Makes a peer; its channel is `source-<id>` unless it is named.
        public init(id: UInt32, host: String, port: UInt16 = 3306, channel: String? = nil) {
            self.id = id
            self.host = host
            self.port = port
            self.channel = channel ?? "source-\(id)"
        }
    }
}
