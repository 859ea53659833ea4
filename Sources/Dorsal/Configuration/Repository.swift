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
}
