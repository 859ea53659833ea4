public import Failures

/// What `dorsal doctor` found.
public struct Diagnosis: Sendable {
    /// The instance's name.
    public let instance: String
    /// All checks in the order of their groups.
    public let checks: [Check]
    /// How old the newest backup is, in seconds; nil when there is none, or it was not looked for.
    public let backupAge: Double?
    /// How long looking took.
    public let seconds: Double

    /// How many checks were found in a state.
    public func count(_ state: Check.State) -> Int { self.checks.count { $0.state == state } }

    /// The worst state of all.
    public var state: Check.State {
        if self.count(.failed) > 0 { return .failed }
        return self.count(.warning) > 0 ? .warning : .ok
    }

    /// The class of the first check that failed, or ``Failure/Class/warning``; nil when all is well.
    public var failureClass: Failure.Class? {
        self.checks.lazy.compactMap(\.failureClass).first ?? (self.state == .warning ? .warning : nil)
    }
}

extension Diagnosis: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type, instance, ok, warnings, failed, seconds, backupAge
    }

    /// Encodes the summary, without the checks.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("summary", forKey: .type)
        try container.encode(self.instance, forKey: .instance)
        try container.encode(self.count(.ok), forKey: .ok)
        try container.encode(self.count(.warning), forKey: .warnings)
        try container.encode(self.count(.failed), forKey: .failed)
        try container.encode(self.seconds, forKey: .seconds)
        try container.encodeIfPresent(self.backupAge, forKey: .backupAge)
    }
}
