import Failures

extension ConfigurationBuilder {
    /// The secret of `path` or of the file that `path` with `_file` names.
    ///
    /// - Parameter isSecret: whether others may not read it in the configuration file.
    mutating func secret(_ path: String, isSecret: Bool = true) throws -> PasswordSource? {
        let literal = self.settings[path]
        let file = self.settings["\(path)_file"]
        if let literal, let file {
            throw literal.failure("and '\(file.key)' exclude each other", hint: "keep '\(file.key)'")
        }
        if let file { return .file(file.absolutePath()) }
        guard let literal else { return nil }
        if isSecret { try self.checkPrivacy(of: literal) }
        return .literal(Secret(literal.text))
    }

    /// A configuration file with a secret in it must be its owner's alone.
    ///
    /// For mysqlbackup.py's own key that is a warning, as its users have such files and are to change nothing.
    private mutating func checkPrivacy(of secret: Setting) throws {
        guard case .file(let file, _) = secret.place, !self.contents.isPrivate else { return }
        let problem = "is a secret, but others can read this file (mode \(self.contents.modeText))"
        let failure = secret.failure(problem, hint: "chmod 600 \(file)")
        guard secret.isFlat else { throw failure }
        self.warnings.append("\(failure.message); chmod 600 \(file)")
    }
}
