extension ConfigurationKey {
    static let s3Keys: [ConfigurationKey] =
        [
            ConfigurationKey(
                "repository.s3.endpoint",
                .url,
                "the URL of the S3-compatible storage",
                standard: "AWS itself, in the region"
            ),
            ConfigurationKey("repository.s3.bucket", .text, "the bucket"),
            ConfigurationKey(
                "repository.s3.prefix",
                .anyText,
                "what the objects' keys begin with",
                standard: "nothing"
            ),
            ConfigurationKey(
                "repository.s3.region",
                .text,
                "the region",
                standard: "AWS_REGION, AWS_DEFAULT_REGION, the region in ~/.aws/config, or else us-east-1"
            ),
        ] + s3AccountKeys + secretKeys("repository.s3.secret_key", "the secret key")
        + secretKeys("repository.s3.session_token", "the token of a temporary account") + s3TransferKeys

    private static let s3AccountKeys = [
        ConfigurationKey(
            "repository.s3.access_key",
            .text,
            "the access key",
            standard: "with the secret key from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or else ~/.aws/credentials"
        ),
        ConfigurationKey("repository.s3.access_key_file", .path, "a file of mode 0600 that holds the access key"),
    ]

    private static let s3TransferKeys = [
        ConfigurationKey(
            "repository.s3.addressing",
            .choice(Configuration.S3Addressing.allCases.map(\.rawValue)),
            "where requests name the bucket",
            standard: "what fits the endpoint"
        ),
        ConfigurationKey(
            "repository.s3.ca_file",
            .path,
            "a PEM file with the certificates of those who may vouch for the storage",
            standard: "the system's"
        ),
        ConfigurationKey(
            "repository.s3.part_size",
            .size(5 << 20...5 << 30),
            "the size of an upload's parts",
            standard: "what fits the package's size"
        ),
        ConfigurationKey(
            "repository.s3.part_limit",
            .count(8...10_000),
            "the most parts that an upload may have",
            standard: "10000"
        ),
        ConfigurationKey(
            "repository.s3.parts_in_flight",
            .count(1...32),
            "how many parts are on their way at once",
            standard: "what fits the machine"
        ),
        ConfigurationKey(
            "repository.s3.lock_timeout",
            .duration(.seconds(10) ... .seconds(86_400)),
            "how long another run's lock holds after its last sign of life",
            standard: "10m"
        ),
        ConfigurationKey(
            "repository.s3.idle_timeout",
            .duration(.seconds(1) ... .seconds(86_400)),
            "how long the storage may be silent during a request",
            standard: "1m"
        ),
        ConfigurationKey(
            "repository.s3.retry_timeout",
            .duration(.seconds(1) ... .seconds(7 * 86_400)),
            "how long a request that fails is tried again",
            standard: "10m"
        ),
    ]
}
