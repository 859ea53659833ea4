public import Failures

extension Configuration {
    /// Where backups are kept: in a local folder, in S3-compatible storage, or both.
    public struct Repository: Sendable, Equatable {
        /// The local folder.
        public var local: String?
        /// The S3-compatible storage.
        public var s3: S3Settings?

        /// Makes a repository.
        public init(local: String? = nil, s3: S3Settings? = nil) {
            self.local = local
            self.s3 = s3
        }
    }

    /// An S3-compatible storage and the account to use it with.
    public struct S3Settings: Sendable, Equatable {
        /// The service's URL.
        public var endpoint: String
        /// The bucket's name.
        public var bucket: String
        /// What the objects' keys begin with.
        public var prefix: String
        /// The region that requests are signed for.
        public var region: String
        /// The account's access key.
        public var accessKey: String
        /// Where the account's secret key is.
        public var secretKey: PasswordSource
        /// The token that goes with a temporary account.
        public var sessionToken: Secret?

        /// Makes the settings.
        public init(
            endpoint: String,
            bucket: String,
            prefix: String = "",
            region: String = "us-east-1",
            accessKey: String,
            secretKey: PasswordSource,
            sessionToken: Secret? = nil
        ) {
            self.endpoint = endpoint
            self.bucket = bucket
            self.prefix = prefix
            self.region = region
            self.accessKey = accessKey
            self.secretKey = secretKey
            self.sessionToken = sessionToken
        }
    }
}
