public import Failures

/// What `dorsal doctor` looks at together; the groups are told in this order.
public enum CheckGroup: String, Sendable, CaseIterable, Encodable {
    /// The configuration and the secrets that it names.
    case configuration
    /// The server: settings, privileges, option file.
    case server
    /// What copies the data, and the tables that it is to copy.
    case engine
    /// The folders of this machine that backups go to.
    case repository
    /// The bucket that backups go to.
    case s3
    /// The backups that there are.
    case backups
    /// The replication sources.
    case peers
    /// What a restore on this machine needs.
    case restore
}

/// One thing that was looked at, how it was found, and what to do about it.
public struct Check: Sendable, Equatable {
    /// How something was found.
    public enum State: String, Sendable, CaseIterable, Encodable {
        /// As it should be.
        case ok
        /// Backups and restores go on, but something had better be changed.
        case warning
        /// A backup or a restore would fail.
        case failed
    }

    /// The group.
    public let group: CheckGroup
    /// What was looked at.
    public let name: String
    /// How it was found.
    public let state: State
    /// What was found, in one line.
    public let detail: String
    /// What to do about it; nil when nothing is to be done.
    public let hint: String?
    /// The class of what failed, which is an exit code too; nil when nothing did.
    public let failureClass: Failure.Class?

    private init(
        _ group: CheckGroup,
        _ name: String,
        _ state: State,
        _ detail: String,
        hint: String?,
        _ failureClass: Failure.Class? = nil
    ) {
        self.group = group
        self.name = name
        self.state = state
        self.detail = detail.split(whereSeparator: \.isNewline).joined(separator: "; ")
        self.hint = hint
        self.failureClass = failureClass
    }

    static func ok(_ group: CheckGroup, _ name: String, _ detail: String) -> Check {
        Check(group, name, .ok, detail, hint: nil)
    }

    static func warning(_ group: CheckGroup, _ name: String, _ detail: String, hint: String?) -> Check {
        Check(group, name, .warning, detail, hint: hint)
    }

    /// What a failure says, as a warning.
    static func warning(_ group: CheckGroup, _ name: String, _ failure: Failure) -> Check {
        Check(group, name, .warning, failure.line, hint: failure.hint)
    }

    static func failed(_ group: CheckGroup, _ name: String, _ failure: Failure) -> Check {
        Check(group, name, .failed, failure.line, hint: failure.hint, failure.class)
    }

    /// Failed if there is a failure, else as it should be.
    static func require(_ group: CheckGroup, _ name: String, _ failure: Failure?, else detail: String) -> Check {
        failure.map { .failed(group, name, $0) } ?? .ok(group, name, detail)
    }
}

extension Check: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type, group, name, state, detail, hint, failureClass = "class"
    }

    /// Encodes the check as `--json` prints it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("check", forKey: .type)
        try container.encode(self.group, forKey: .group)
        try container.encode(self.name, forKey: .name)
        try container.encode(self.state, forKey: .state)
        try container.encode(self.detail, forKey: .detail)
        try container.encodeIfPresent(self.hint, forKey: .hint)
        try container.encodeIfPresent(self.failureClass?.name, forKey: .failureClass)
    }
}

extension Failure {
    /// Message and cause in one line.
    var line: String { self.cause.map { "\(self.message): \($0)" } ?? self.message }
}
