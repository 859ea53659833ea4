public import Failures

extension Configuration {
    /// What is told to others around a backup: command lines for the shell, and an address to call.
    public struct Hooks: Sendable, Equatable {
        /// The command line to run before a backup; none is made when it fails.
        public var beforeBackup: String?
        /// The command line to run after a backup that is complete; it reads the summary as JSON.
        public var afterBackup: String?
        /// The command line to run after a backup that failed; it reads the error as JSON.
        public var onFailure: String?
        /// How long each of them may take.
        public var timeout: Duration
        /// The http or https address that is called after a backup that is complete, and with `/fail` added to its path
        /// after one that failed; who knows it can call it, so it is a secret.
        public var heartbeatURL: Secret?

        /// Makes the hooks.
        public init(
            beforeBackup: String? = nil,
            afterBackup: String? = nil,
            onFailure: String? = nil,
            timeout: Duration = .seconds(600),
            heartbeatURL: Secret? = nil
        ) {
            self.beforeBackup = beforeBackup
            self.afterBackup = afterBackup
            self.onFailure = onFailure
            self.timeout = timeout
            self.heartbeatURL = heartbeatURL
        }
    }

    /// Where measurements go.
    public struct Metrics: Sendable, Equatable {
        /// The file for the textfile collector of Prometheus's node exporter; its name ends in `.prom`.
        public var textfile: String?

        /// Makes the settings.
        public init(textfile: String? = nil) { self.textfile = textfile }
    }
}
