import Failures
import Glibc

/// A shell command line that prints a secret.
struct SecretCommand {
    /// The command line.
    let line: String
    /// How long it may take.
    var limit = SecretCommand.usualLimit

    static let usualLimit: Duration = .seconds(30)

    /// More than any secret has; what comes after it is thrown away.
    private static let outputLimit = 64 << 10

    /// Runs it and takes the first line that it prints; the rest of its output is never shown.
    ///
    /// - Throws: `Failure` of class `usage` with the last lines of its standard error when it fails, prints nothing, or
    ///   takes too long; `CancellationError`. The command has ended then.
    func run() throws -> Secret {
        let child = try ShellChild(self.line)
        let end = try child.wait(limit: self.limit, keeping: SecretCommand.outputLimit)
        guard let status = end.status else {
            throw self.failure("did not end within \(Quantity.text(self.limit))", end.errors)
        }
        guard status == 0 else { throw self.failure(SecretCommand.describe(status), end.errors) }
        let text = String(decoding: end.output, as: UTF8.self)
        guard let secret = text.split(whereSeparator: \.isNewline).first, text.first?.isNewline == false else {
            throw self.failure("printed no secret", end.errors)
        }
        return Secret(String(secret))
    }

    /// The command's first word stands for it, as the others may hold what nobody is to see.
    private func failure(_ problem: String, _ errors: [UInt8]) -> Failure {
        let lines = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3)
        let name = self.line.split(separator: " ").first.map(String.init) ?? self.line
        return Failure(
            .usage,
            "the password command '\(name) …' \(problem)",
            cause: lines.isEmpty ? nil : lines.joined(separator: "\n"),
            hint:
                "it must print the secret as its first line, within \(Quantity.text(self.limit)), without asking anything"
        )
    }

    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "exited with status \(status >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }
}
