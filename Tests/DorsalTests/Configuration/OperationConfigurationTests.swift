import Dorsal
import Failures
import TestSupport
import Testing

@testable import enum Dorsal.Quantity

@Suite("Configuration: sizes, times, and what runs around a backup")
struct OperationConfigurationTests {
    private let fixture: ConfigurationFixture

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test(
        "Sizes are powers of 1024, with or without a unit's iB",
        arguments: [
            ("0", 0), ("5", 5), ("10GiB", 10 << 30), ("10G", 10 << 30), ("512KiB", 512 << 10), ("1.5GiB", 3 << 29),
            ("8m", 8 << 20), ("2TiB", 2 << 40), ("0.0001K", 0), ("8388607.999999999T", 9_223_372_036_854_774_708),
        ] as [(String, Int64)]
    )
    func sizes(text: String, bytes: Int64) { #expect(Quantity.bytes(text) == bytes) }

    @Test(
        "What is not clearly a size is none",
        arguments: [
            "", "10GB", "1.5", "-1", "1 G", "G", "1.G", ".5G", "9999999999999999999", "8388608T", "１G", "1e3", "0x10",
            "1B",
        ]
    )
    func noSizes(text: String) { #expect(Quantity.bytes(text) == nil) }

    @Test(
        "Times have a unit",
        arguments: [("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), ("0s", 0)]
    )
    func durations(text: String, seconds: Int64) { #expect(Quantity.duration(text) == .seconds(seconds)) }

    @Test(
        "What is not clearly a time is none",
        arguments: ["", "90", "s", "-1s", "1.5h", "1 h", "1H", "1y", "99999999999s"]
    )
    func noDurations(text: String) { #expect(Quantity.duration(text) == nil) }

    @Test("Texts of sizes and times read back as the same", arguments: [0, 1, 60, 61, 3600, 86_400, 604_800, 1 << 30])
    func texts(number: Int64) {
        #expect(Quantity.bytes(Quantity.text(bytes: number)) == number)
        #expect(Quantity.duration(Quantity.text(.seconds(number))) == .seconds(number))
    }

    @Test("Every key around a backup gives its value")
    func values() throws {
        let yaml =
            ConfigurationFixture.least + """
                backup: { package: tar.zst, max_rate: 50MiB, low_priority: yes, staging: copy, threads: 4 }
                hooks:
                  before_backup: mount /backup
                  after_backup: echo done
                  on_failure: mail me
                  timeout: 90s
                  heartbeat_url: https://ping.example.com/x
                metrics: { textfile: dorsal.prom }
                """
        let configuration = try self.fixture.load(yaml)
        let staging = self.fixture.folder.path("copy")
        let backup = Configuration.BackupOptions(
            package: .tarzst,
            maxRate: 50 << 20,
            lowPriority: true,
            staging: staging,
            threads: 4
        )
        #expect(configuration.backup == backup)
        let hooks = Configuration.Hooks(
            beforeBackup: "mount /backup",
            afterBackup: "echo done",
            onFailure: "mail me",
            timeout: .seconds(90),
            heartbeatURL: Secret("https://ping.example.com/x")
        )
        #expect(configuration.hooks == hooks)
        #expect(configuration.metrics.textfile == self.fixture.folder.path("dorsal.prom"))
    }

    @Test("A repository's own retention replaces the general one as a whole")
    func retention() throws {
        let yaml =
            ConfigurationFixture.least + """
                retention:
                  keep_last: 3
                  keep_daily: 7
                  keep_weekly: 4
                  keep_monthly: 12
                  keep_within: 14d
                  grace: 12h
                  s3: { keep_last: 30 }
                """
        let retention = try self.fixture.load(yaml).retention
        let general = Configuration.Retention.Policy(
            keepLast: 3,
            keepDaily: 7,
            keepWeekly: 4,
            keepMonthly: 12,
            keepWithin: .seconds(14 * 86_400)
        )
        #expect(retention == .init(general: general, s3: .init(keepLast: 30), grace: .seconds(43_200)))
        #expect(retention.policy(for: .local) == general)
        #expect(retention.policy(for: .s3) == .init(keepLast: 30))
        #expect(retention.keepDaily == 7)
        #expect(Configuration.Retention().policy(for: .local).isEmpty)
        #expect(Configuration.Retention().grace == .seconds(86_400))
    }

    @Test("What governs uploads gives its value, and without an endpoint AWS itself is meant")
    func uploads() throws {
        let yaml =
            ConfigurationFixture.least + """
                  s3:
                    bucket: b
                    access_key: a
                    secret_key: s
                    addressing: virtual_host
                    ca_file: ca.pem
                    part_size: 8MiB
                    part_limit: 1000
                    parts_in_flight: 4
                    lock_timeout: 5m
                    idle_timeout: 30s
                    retry_timeout: 1h
                """
        let expected = Configuration.S3Settings(
            bucket: "b",
            credentials: .account(accessKey: .literal(Secret("a")), secretKey: .literal(Secret("s"))),
            addressing: .virtualHost,
            certificates: self.fixture.folder.path("ca.pem"),
            partSize: 8 << 20,
            partLimit: 1000,
            partsInFlight: 4,
            lockTimeout: .seconds(300),
            idleTimeout: .seconds(30),
            retryTimeout: .seconds(3600)
        )
        #expect(try self.fixture.load(yaml).repository.s3 == expected)
    }

    @Test(
        "Sizes, times and numbers out of their range are errors with an example",
        arguments: [
            (
                "backup: { max_rate: 50MB }",
                "'backup.max_rate' must be a size such as 64MiB, from 1KiB to 1TiB, not '50MB'"
            ),
            ("backup: { threads: 257 }", "'backup.threads' must be a number from 1 to 256, not '257'"),
            (
                "hooks: { timeout: 10 }", "'hooks.timeout' must be a time such as 15m, from 1s to 1d, not '10'"
            ),
            ("retention: { keep_last: 0 }", "'retention.keep_last' must be a number from 1 to 100000, not '0'"),
            (
                "  s3: { part_size: 4MiB }",
                "'repository.s3.part_size' must be a size such as 64MiB, from 5MiB to 5GiB, not '4MiB'"
            ),
            (
                "  s3: { lock_timeout: 2d }",
                "'repository.s3.lock_timeout' must be a time such as 15m, from 10s to 1d, not '2d'"
            ),
            ("  s3: { part_limit: 7 }", "'repository.s3.part_limit' must be a number from 8 to 10000, not '7'"),
            ("hooks: { heartbeat_url: ping }", "'hooks.heartbeat_url' must be a URL such as"),
        ]
    )
    func ranges(section: String, problem: String) throws {
        let failure = try self.fixture.failure(ConfigurationFixture.least + section)
        #expect(failure.message.hasPrefix("\(self.fixture.file):6: \(problem)"))
    }
}
