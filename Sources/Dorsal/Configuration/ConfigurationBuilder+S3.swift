import Failures
import Foundation

extension ConfigurationBuilder {
    /// The S3-compatible storage with its account.
    mutating func s3() throws -> Configuration.S3Settings {
        let bucket = try self.settings.required("repository.s3.bucket")
        // Without an endpoint AWS itself is meant, but mysqlbackup.py had no such rule.
        let endpoint =
            try bucket.isFlat
            ? self.settings.required("repository.s3.endpoint") : self.settings["repository.s3.endpoint"]
        var s3 = try Configuration.S3Settings(
            endpoint: endpoint?.text,
            bucket: bucket.text,
            prefix: self.prefix(),
            region: self.region(),
            credentials: try self.credentials()
        )
        s3.addressing = self.settings["repository.s3.addressing"].flatMap { .init(rawValue: $0.text) }
        s3.certificates = self.settings["repository.s3.ca_file"]?.absolutePath()
        s3.partSize = try self.settings["repository.s3.part_size"].map { Int(try $0.bytes()) }
        s3.partLimit = try self.settings["repository.s3.part_limit"]?.number(in: 1...Int.max)
        s3.partsInFlight = try self.settings["repository.s3.parts_in_flight"]?.number(in: 1...Int.max)
        s3.lockTimeout = try self.settings["repository.s3.lock_timeout"]?.duration() ?? s3.lockTimeout
        s3.idleTimeout = try self.settings["repository.s3.idle_timeout"]?.duration() ?? s3.idleTimeout
        s3.retryTimeout = try self.settings["repository.s3.retry_timeout"]?.duration() ?? s3.retryTimeout
        return s3
    }

    /// The prefix without a "/" at its ends, so that one place has one name.
    private func prefix() throws -> String {
        guard let setting = self.settings["repository.s3.prefix"] else { return "" }
        let parts = setting.text.split(separator: "/").map(String.init)
        guard !parts.contains(where: { $0 == "." || $0 == ".." }) else {
            throw setting.failure("has a component that leads elsewhere", hint: "write plain names: production/mysql")
        }
        return parts.joined(separator: "/")
    }

    private mutating func region() -> String {
        if let setting = self.settings["repository.s3.region"] { return setting.text }
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            guard let region = self.variable(name) else { continue }
            self.origins["repository.s3.region"] = name
            return region
        }
        // The file is not ours to judge: whatever is wrong with it, there is a default.
        guard let path = self.awsFile("config", variable: "AWS_CONFIG_FILE"),
            let region = (try? AWSFile(path: path))?.profiles[self.profile]?["region"]
        else { return "us-east-1" }
        self.origins["repository.s3.region"] = "profile '\(self.profile)' of \(path)"
        return region
    }

    /// The account: the configuration's, or else the environment's, or else the profile's of AWS's own tools.
    private mutating func credentials() throws -> S3CredentialSource {
        try self.configuredAccount() ?? self.environmentAccount() ?? self.profileAccount()
    }

    private mutating func configuredAccount() throws -> S3CredentialSource? {
        let accessKey = try self.secret("repository.s3.access_key", isSecret: false)
        let secretKey = try self.secret("repository.s3.secret_key")
        let sessionToken = try self.secret("repository.s3.session_token")
        if accessKey == nil, secretKey == nil, sessionToken == nil { return nil }
        // The two halves of one account never come from different places.
        guard let accessKey else { throw self.halfMissing("repository.s3.access_key") }
        guard let secretKey else { throw self.halfMissing("repository.s3.secret_key") }
        return .account(accessKey: accessKey, secretKey: secretKey, sessionToken: sessionToken)
    }

    private func halfMissing(_ path: String) -> Failure {
        let hint = "set both halves of the account, or neither to use the AWS_ variables or ~/.aws/credentials"
        return self.settings.missing(path, hint: hint)
    }

    private mutating func environmentAccount() throws -> S3CredentialSource? {
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        let values = names.map { self.variable($0) }
        if values == [nil, nil] { return nil }
        guard let accessKey = values[0], let secretKey = values[1] else {
            let (given, other) = values[0] == nil ? (names[1], names[0]) : (names[0], names[1])
            throw Failure(.usage, "the environment has \(given), but not \(other)", hint: "set both, or neither")
        }
        let token = self.variable("AWS_SESSION_TOKEN")
        self.origins["repository.s3.access_key"] = names[0]
        self.origins["repository.s3.secret_key"] = names[1]
        if token != nil { self.origins["repository.s3.session_token"] = "AWS_SESSION_TOKEN" }
        return .account(
            accessKey: .literal(Secret(accessKey)),
            secretKey: .literal(Secret(secretKey)),
            sessionToken: token.map { .literal(Secret($0)) }
        )
    }

    private mutating func profileAccount() throws -> S3CredentialSource {
        let path = self.awsFile("credentials", variable: "AWS_SHARED_CREDENTIALS_FILE")
        if let path, FileManager.default.fileExists(atPath: path) {
            let source = S3CredentialSource.profile(self.profile, file: path)
            let hasToken = try source.resolve().sessionToken != nil
            for name in ["access_key", "secret_key"] + (hasToken ? ["session_token"] : []) {
                self.origins["repository.s3.\(name)"] = "profile '\(self.profile)' of \(path)"
            }
            return source
        }
        let places = [
            "repository.s3.access_key and secret_key in \(self.settings.file)",
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
            path ?? "~/.aws/credentials (HOME is not set)",
        ]
        throw Failure(
            .usage,
            "there is no account for the bucket: looked for \(places.joined(separator: ", "))",
            hint: "set repository.s3.access_key and repository.s3.secret_key_file"
        )
    }

    private var profile: String { self.variable("AWS_PROFILE") ?? "default" }

    /// One of the files of AWS's own tools; nil when nothing says where it would be.
    private func awsFile(_ name: String, variable: String) -> String? {
        self.variable(variable) ?? self.variable("HOME").map { "\($0)/.aws/\(name)" }
    }
}
