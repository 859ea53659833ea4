extension Configuration {
    /// An S3-compatible storage and the account to use it with.
    public struct S3Settings: Sendable, Equatable {
        /// The service's URL; nil for AWS itself in the region.
        public var endpoint: String?
        /// The bucket's name.
        public var bucket: String
        /// What the objects' keys begin with.
        public var prefix: String
        /// The region that requests are signed for.
        public var region: String
        /// Where the account's keys are.
        public var credentials: S3CredentialSource
        /// Where requests name the bucket; nil for what fits the endpoint.
        public var addressing: S3Addressing?
        /// A PEM file with the certificates of those who may vouch for the service; nil for the system's.
        public var certificates: String?
        /// The size of an upload's parts in bytes; nil for what fits the size of the package.
        public var partSize: Int?
        /// The most parts that an upload may have; nil for the service's own limit.
        public var partLimit: Int?
        /// How many parts are on their way at once; nil for a number that fits the machine.
        public var partsInFlight: Int?
        /// How long a lock of another run holds after its last sign of life.
        public var lockTimeout: Duration
        /// How long the service may be silent during a request.
        public var idleTimeout: Duration
        /// How long a request that fails is tried again.
        public var retryTimeout: Duration

        /// Makes the settings.
        public init(
            endpoint: String? = nil,
            bucket: String,
            prefix: String = "",
            region: String = "us-east-1",
            credentials: S3CredentialSource,
            addressing: S3Addressing? = nil,
            certificates: String? = nil,
            partSize: Int? = nil,
            partLimit: Int? = nil,
            partsInFlight: Int? = nil,
            lockTimeout: Duration = .seconds(600),
            idleTimeout: Duration = .seconds(60),
            retryTimeout: Duration = .seconds(600)
        ) {
            self.endpoint = endpoint
            self.bucket = bucket
            self.prefix = prefix
            self.region = region
            self.credentials = credentials
            self.addressing = addressing
            self.certificates = certificates
            self.partSize = partSize
            self.partLimit = partLimit
            self.partsInFlight = partsInFlight
            self.lockTimeout = lockTimeout
            self.idleTimeout = idleTimeout
            self.retryTimeout = retryTimeout
        }
    }

    /// Where requests name the bucket.
    public enum S3Addressing: String, Sendable, CaseIterable {
        /// In the path: `https://host/bucket/key`.
        case path
        /// In the host's name: `https://bucket.host/key`.
        case virtualHost = "virtual_host"
    }
}
