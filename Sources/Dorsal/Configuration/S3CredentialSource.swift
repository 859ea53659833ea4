public import Failures

/// Where the keys of an S3 account are; all of them come from the same place.
public enum S3CredentialSource: Sendable, Equatable {
    /// Keys that the configuration or the environment gives or says the places of.
    case account(accessKey: PasswordSource, secretKey: PasswordSource, sessionToken: PasswordSource? = nil)
    /// A profile of a file such as `~/.aws/credentials`.
    case profile(String, file: String)

    /// The keys as they are now; files are read anew, so that an account that expires can be renewed.
    ///
    /// - Throws: `Failure` of class `usage` when a file or a key in it is missing, empty, or open to others.
    public func resolve() throws -> (accessKey: String, secretKey: Secret, sessionToken: Secret?) {
        try self.resolve(within: SecretCommand.usualLimit)
    }

    /// The keys, as ``resolve()`` gives them; each command has as long as is said.
    func resolve(within limit: Duration) throws -> (accessKey: String, secretKey: Secret, sessionToken: Secret?) {
        switch self {
        case .account(let accessKey, let secretKey, let sessionToken):
            return try (
                accessKey.resolve(within: limit).reveal(), secretKey.resolve(within: limit),
                sessionToken?.resolve(within: limit)
            )
        case .profile(let name, let file):
            return try S3CredentialSource.keys(of: name, in: AWSFile(path: file))
        }
    }

    private static func keys(
        of profile: String,
        in file: AWSFile
    ) throws -> (accessKey: String, secretKey: Secret, sessionToken: Secret?) {
        func missing(_ key: String) -> Failure {
            let problem = "the profile '\(profile)' in \(file.path) has no \(key)"
            return Failure(.usage, problem, hint: "add it, or choose another profile with AWS_PROFILE")
        }
        guard let values = file.profiles[profile] else {
            let hint = "add [\(profile)], or choose another with AWS_PROFILE"
            throw Failure(.usage, "\(file.path) has no profile '\(profile)'", hint: hint)
        }
        guard let accessKey = values["aws_access_key_id"] else { throw missing("aws_access_key_id") }
        guard let secretKey = values["aws_secret_access_key"] else { throw missing("aws_secret_access_key") }
        return (accessKey, Secret(secretKey), values["aws_session_token"].map { Secret($0) })
    }
}
