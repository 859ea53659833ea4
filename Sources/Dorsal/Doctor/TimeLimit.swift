import Failures

/// The time by which every answer must be there.
struct TimeLimit: Sendable {
    /// For messages.
    let seconds: Int
    private let end: ContinuousClock.Instant

    /// A limit that begins to run now.
    init(seconds: Int) {
        self.seconds = seconds
        self.end = .now + .seconds(seconds)
    }

    /// Asks, and gives what was answered, or why there was no answer.
    ///
    /// - Parameters:
    ///   - subject: who does not answer, for the failure.
    ///   - class: that failure's class.
    /// - Throws: `CancellationError` only.
    func ask<Answer: Sendable>(
        _ subject: String,
        _ class: Failure.Class,
        _ body: @Sendable @escaping () async throws -> Answer
    ) async throws -> Result<Answer, Failure> {
        do {
            return try await withThrowingTaskGroup(of: Result<Answer, Failure>.self) { group in
                group.addTask { .success(try await body()) }
                group.addTask {
                    try await Task.sleep(until: self.end)
                    return .failure(self.silence(of: subject, `class`))
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch let failure as Failure {
            return .failure(failure)
        } catch {
            try Task.checkCancellation()
            return .failure(Failure(.internal, "\(subject) could not be looked at", cause: "\(error)"))
        }
    }

    private func silence(of subject: String, _ class: Failure.Class) -> Failure {
        Failure(
            `class`,
            "\(subject) did not answer within \(self.seconds) s",
            hint: "is it hung, overloaded, or behind a firewall that drops packets?"
        )
    }
}
