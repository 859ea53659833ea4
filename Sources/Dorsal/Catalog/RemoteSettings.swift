import Blocking
import Failures
import S3
import Signing

extension S3Settings {
    /// The settings of the configuration as the client takes them; what is tried again is told of.
    ///
    /// - Parameter limit: how long a command that prints a key may take.
    init(
        _ settings: Configuration.S3Settings,
        _ log: RunLog,
        within limit: Duration = SecretCommand.usualLimit
    ) throws {
        self.init(
            endpoint: settings.endpoint,
            bucket: settings.bucket,
            prefix: settings.prefix,
            region: settings.region,
            credentials: try Credentials(settings, within: limit)
        )
        self.refresh = { try await offPool { _ in try Credentials(settings, within: limit) } }
        self.addressing = settings.addressing.map { $0 == .path ? .path : .virtualHost }
        self.certificates = settings.certificates
        if let size = settings.partSize { self.partSize = size }
        if let limit = settings.partLimit { self.partLimit = limit }
        if let count = settings.partsInFlight { self.partsInFlight = count }
        self.idleTimeout = settings.idleTimeout
        // What counts is how long there was no progress, however often it was tried.
        self.retries.tries = .max
        self.retries.patience = settings.retryTimeout
        self.onRetry = { retry in
            log.retry("\(retry.operation) is tried again (\(retry.tries) failed): \(retry.reason)")
        }
    }
}

extension Credentials {
    init(_ settings: Configuration.S3Settings, within limit: Duration) throws {
        let found = try settings.credentials.resolve(within: limit)
        self.init(accessKey: found.accessKey, secretKey: found.secretKey, sessionToken: found.sessionToken)
    }
}
