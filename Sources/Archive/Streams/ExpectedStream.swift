import Failures

/// What a stream that is read must be, and the failures of one that is not.
struct ExpectedStream: Sendable {
    /// The stream's path or address.
    let name: String
    let record: StreamRecord

    /// The failure for a stream whose length is known before it is read, and is not the right one.
    func wrongLength(_ size: Int64) -> Failure {
        size < self.record.bytes
            ? self.truncated(after: size)
            : Failure.damaged(self.name, "has \(size) bytes, and not \(self.record.bytes)")
    }

    func truncated(after bytes: Int64) -> Failure {
        Failure.damaged(self.name, "is truncated after \(bytes) of \(self.record.bytes) bytes")
    }

    func tooLong() -> Failure {
        Failure.damaged(self.name, "is longer than the \(self.record.bytes) bytes it should have")
    }

    func trailing(at position: Int64) -> Failure {
        Failure.damaged(self.name, "has bytes after its end, \(self.around(position))")
    }

    func corrupt(at position: Int64, cause: String) -> Failure {
        Failure.damaged(self.name, "is corrupt \(self.around(position))", cause: cause)
    }

    /// A place in the compressed stream, for messages.
    func around(_ position: Int64) -> String { "around byte \(position) of \(self.record.bytes)" }

    /// Compares the digests of what was read, all of it.
    func compare(_ actual: StreamRecord) throws {
        guard actual.bytes == self.record.bytes else { throw self.truncated(after: actual.bytes) }
        try self.compare("SHA-256", actual.sha256, self.record.sha256)
        try self.compare("SHA-1", actual.sha1, self.record.sha1)
    }

    private func compare(_ kind: String, _ actual: String, _ expected: String) throws {
        guard actual == expected else {
            throw Failure.damaged(self.name, "has another \(kind) than it should", cause: "\(actual), not \(expected)")
        }
    }
}
