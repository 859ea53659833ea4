public import Failures

/// Where a password or a secret key comes from.
public enum PasswordSource: Sendable, Equatable {
    /// A file that only its owner can read and that has nothing but the secret in it.
    case file(String)
    /// The secret itself.
    case literal(Secret)

    /// The secret; a file is read now, and a line end after the secret is not part of it.
    ///
    /// - Throws: `Failure` of class `usage` when the file cannot be read, is empty, or can be read by others.
    public func resolve() throws -> Secret {
        switch self {
        case .literal(let secret): return secret
        case .file(let path): return try PasswordSource.read(path)
        }
    }

    private static func read(_ path: String) throws -> Secret {
        let file = try FileContents(path: path, purpose: "the password file")
        guard file.isPrivate else {
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
