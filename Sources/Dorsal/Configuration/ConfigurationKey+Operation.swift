extension ConfigurationKey {
    static let retentionKeys: [ConfigurationKey] =
        policyKeys("retention", "in each repository")
        + policyKeys("retention.local", "in the local repository, in place of all of retention's")
        + policyKeys("retention.s3", "in the S3 storage, in place of all of retention's")
        + [
            ConfigurationKey(
                "retention.grace",
                .duration(.seconds(60) ... .seconds(366 * 86_400)),
                "how old the left-overs of a failed run must be to be cleared",
                standard: "1d"
            )
        ]

    private static func policyKeys(_ section: String, _ place: String) -> [ConfigurationKey] {
        let counts = 1...100_000
        return [
            ConfigurationKey("\(section).keep_last", .count(counts), "how many of the newest backups stay \(place)"),
            ConfigurationKey(
                "\(section).keep_daily",
                .count(counts),
                "of how many days the newest backup stays \(place)"
            ),
            ConfigurationKey(
                "\(section).keep_weekly",
                .count(counts),
                "of how many weeks the newest backup stays \(place)"
            ),
            ConfigurationKey(
                "\(section).keep_monthly",
                .count(counts),
                "of how many months the newest backup stays \(place)"
            ),
            ConfigurationKey(
                "\(section).keep_within",
                .duration(.seconds(1) ... .seconds(36_500 * 86_400)),
                "how old a backup must be not to stay \(place), such as 14d"
            ),
        ]
    }

    static let operationKeys = [
        ConfigurationKey(
            "hooks.before_backup",
            .text,
            "a shell command line before a backup, which is not made when it fails"
        ),
        ConfigurationKey("hooks.after_backup", .text, "a shell command line after a backup that is complete"),
        ConfigurationKey("hooks.on_failure", .text, "a shell command line after a backup that failed"),
        ConfigurationKey(
            "hooks.timeout",
            .duration(.seconds(1) ... .seconds(86_400)),
            "how long each of them may take",
            standard: "10m"
        ),
        ConfigurationKey(
            "hooks.heartbeat_url",
            .secretURL,
            "an address to call after a backup that is complete, and with /fail added after one that failed"
        ),
        ConfigurationKey("metrics.textfile", .path, "a .prom file for the node exporter of Prometheus"),
    ]
}
