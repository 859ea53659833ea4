import Blocking
import Failures

/// A shell command line that is run around a backup.
struct Hook: Sendable {
    /// The key that it stands under, for messages; the line itself may hold what nobody is to see.
    let key: String
    /// The command line.
    let line: String
    /// How long it may take.
    let limit: Duration
    /// All of its environment.
    let environment: [String: String]
    /// What it reads on standard input.
    var input: [UInt8] = []
    /// How long it has to end by itself when its time is over, before it and all that it started are killed.
    var grace: Duration = .seconds(5)

    /// How much of its output is kept, in bytes.
    private static let outputLimit = 16 << 10

    /// Runs it to its end.
    ///
    /// In a task that was cancelled before, it runs nevertheless, to its end or its limit.
    ///
    /// - Throws: `Failure` of class `unusable` with the last lines that it printed, when it exits with another status than
    ///   0 or takes too long; `CancellationError` when the task was cancelled meanwhile. The hook has ended then.
    func run() async throws {
        if Task.isCancelled { return try await onOwnThread { try self.run { false } } }
        try await offPool { flag in try self.run { (try? flag.check()) == nil } }
    }

    private func run(isCancelled: () -> Bool) throws {
        let child = try ShellChild(self.line, environment: self.environment, input: self.input, merged: true)
        let end = try child.wait(
            limit: self.limit,
            keeping: Self.outputLimit,
            grace: self.grace,
            isCancelled: isCancelled
        )
        guard end.status != 0 else { return }
        let problem = end.status.map { "failed (\(Self.describe($0)))" }
        let hint = end.status == nil ? "give it more time with hooks.timeout, or let it do less" : nil
        throw Failure(
            .unusable,
            "\(self.key) \(problem ?? "did not end within \(Quantity.text(self.limit)), and was stopped")",
            cause: Self.lastLines(end.errors),
            hint: hint ?? "run the command by hand as the same user; \(self.key) has it"
        )
    }

    private static func lastLines(_ bytes: [UInt8]) -> String? {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(8)
        return lines.isEmpty ? nil : lines.map { $0.suffix(300) }.joined(separator: "\n")
    }

    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "killed by signal \(signal)"
    }
}
