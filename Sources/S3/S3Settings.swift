package import Foundation
package import Signing

/// An S3-compatible service, a bucket of it, and how to use it.
package struct S3Settings: Sendable {
    /// How a bucket goes into an address.
    package enum Addressing: Sendable {
        /// As the first component of the path.
        case path
        /// As the first part of the host's name.
        case virtualHost
    }

    /// The service's URL, with http or https; nil for AWS's own in the region.
    package var endpoint: String?
    /// The bucket's name.
    package var bucket: String
    /// What all keys begin with, without a "/" at its ends; may be empty.
    package var prefix: String
    /// The region that requests are signed for.
    package var region: String
    /// The account.
    package var credentials: Credentials
    /// Asked for other credentials when the service takes the ones in use no longer; nil when there are no others.
    ///
    /// All requests that are refused at the same time wait for one call of it.
    package var refresh: (@Sendable () async throws -> Credentials)?
    /// How the bucket goes into the address; nil takes the host's name for AWS and the path for all others.
    package var addressing: Addressing?
    /// A PEM file of certificates to trust, besides the system's.
    package var certificates: String?
    /// When to try again.
    package var retries = RetryPolicy()
    /// How long to wait for a connection.
    package var connectTimeout: Duration = .seconds(10)
    /// How long a connection may stand still while bytes are awaited.
    package var idleTimeout: Duration = .seconds(60)
    /// The size of an upload's first parts, in bytes.
    package var partSize = 8 << 20
    /// The most parts that the service takes in an upload.
    package var partLimit = 10_000
    /// The most parts on their way at the same time.
    package var partsInFlight = 4
    /// The longest object that one request may copy, and the longest part of a copy in parts, in bytes.
    package var copyLimit: Int64 = 5 << 30
    /// Addresses of hosts that the system's own resolver is not to be asked for.
    package var addresses: [String: String] = [:]
    /// Tells the time that requests are signed with.
    package var now: @Sendable () -> Date = { Date() }
    /// Hears of every request that is tried again.
    package var onRetry: @Sendable (S3Retry) -> Void = { _ in }

    /// Names a bucket and an account; all else has a default.
    package init(
        endpoint: String?,
        bucket: String,
        prefix: String = "",
        region: String = "us-east-1",
        credentials: Credentials
    ) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.prefix = prefix
        self.region = region
        self.credentials = credentials
    }
}

/// A request that is about to be tried again.
package struct S3Retry: Sendable {
    /// What is being done, such as "put s3://bucket/key".
    package let operation: String
    /// How many tries have failed.
    package let tries: Int
    /// How many tries there are.
    package let limit: Int
    /// Why the last one failed.
    package let reason: String
    /// How long it waits now.
    package let delay: Duration
}

/// When a request is tried again: after waits that double, each shortened at random, so that many do not come at once.
package struct RetryPolicy: Sendable {
    /// The most tries of a request that makes no progress.
    package var tries: Int
    /// The first wait.
    package var base: Duration
    /// The longest wait.
    package var longest: Duration
    /// How long a request may go without progress before no further try is begun.
    package var patience: Duration

    /// Makes a policy; the defaults give up after eight tries or ten minutes.
    package init(
        tries: Int = 8,
        base: Duration = .milliseconds(500),
        longest: Duration = .seconds(20),
        patience: Duration = .seconds(600)
    ) {
        self.tries = tries
        self.base = base
        self.longest = longest
        self.patience = patience
    }

    /// How long to wait after so many failures.
    func delay(after failures: Int, asked: Duration? = nil) -> Duration {
        let full = min(self.longest, self.base * (1 << min(failures - 1, 20)))
        let jittered = full * Double.random(in: 0.5...1)
        return max(jittered, min(asked ?? .zero, self.longest))
    }
}
