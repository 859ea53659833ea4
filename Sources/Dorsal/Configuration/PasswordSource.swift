public import Failures
import Glibc

/// Where a password or a secret key comes from.
public enum PasswordSource: Sendable, Equatable {
    /// A file that only its owner can read and that has nothing but the secret in it.
    case file(String)
    /// The secret itself.
    case literal(Secret)
    /// A shell command line that prints the secret as its first line.
    case command(String)
    /// A file in the folder that systemd gives a service for its `LoadCredential=` settings (systemd.exec(5)).
    case credential(String, folder: String)

    /// The secret as it is now; a line end after it is not part of it.
    ///
    /// A command has 30 seconds, and the calling thread waits for it.
    ///
    /// - Throws: `Failure` of class `usage` when the file cannot be read, is empty, or can be read by others, or when the
    ///   command fails; `CancellationError` when the task is cancelled while a command runs.
    public func resolve() throws -> Secret { try self.resolve(within: SecretCommand.usualLimit) }

    /// The secret, as ``resolve()`` gives it; a command has as long as is said.
    func resolve(within limit: Duration) throws -> Secret {
        switch self {
        case .literal(let secret): return secret
        case .file(let path): return try PasswordSource.read(path, isPrivate: true)
        case .command(let line): return try SecretCommand(line: line, limit: limit).run()
        // Systemd shuts others out by the folder, and shows its access lists as bits of the group.
        case .credential(let name, let folder): return try Self.credential(name, folder)
        }
    }

    private static func credential(_ name: String, _ folder: String) throws -> Secret {
        // What systemd does not find it leaves out, without a word.
        guard access("\(folder)/\(name)", F_OK) == 0 || errno != ENOENT else {
            throw Failure(
                .usage,
                "systemd gave this service no credential '\(name)'",
                cause: "there is no such file in \(folder)",
                hint: "put the secret where the unit's LoadCredential= looks for it, with the units of the package "
                    + "/etc/credstore/dorsal-<configuration>.\(name), and start the service again"
            )
        }
        return try Self.read("\(folder)/\(name)", isPrivate: false)
    }

    private static func read(_ path: String, isPrivate: Bool) throws -> Secret {
        let file = try FileContents(path: path, purpose: "the password file")
        guard file.isPrivate || !isPrivate else {
            throw Failure(
                .usage,
                "the password file \(path) can be read by others (mode \(file.modeText))",
                hint: "chmod 600 \(path)"
            )
        }
        var text = file.text[...]
        if text.last?.isNewline == true { text = text.dropLast() }
        guard !text.isEmpty else {
            throw Failure(.usage, "the password file \(path) is empty", hint: "put the password into it")
        }
        return Secret(String(text))
    }
}
