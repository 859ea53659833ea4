package import Failures

/// An account of an S3-compatible service, and the key that its requests are signed with.
///
/// Descriptions show the access key, which is no secret, and neither of the others.
package struct Credentials: Sendable, Equatable {
    /// The account's access key, which every request names.
    package let accessKey: String
    /// The key that signs, which never leaves this process.
    package let secretKey: Secret
    /// The token that goes with a temporary account.
    package let sessionToken: Secret?

    /// Makes credentials.
    package init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}
