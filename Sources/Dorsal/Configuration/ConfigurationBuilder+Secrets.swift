import Failures

extension ConfigurationBuilder {
    /// The secret of `path`, or of the file, command or credential that a key of this name with an ending names.
    ///
    /// - Parameter isSecret: whether others may not read it in the configuration file.
    mutating func secret(_ path: String, isSecret: Bool = true) throws -> PasswordSource? {
        let given = ConfigurationKey.ways(of: path).compactMap { way in self.settings[way].map { (way, $0) } }
        guard let (way, setting) = given.first else { return nil }
        if given.count > 1 {
            let settings = given.map(\.1).sorted { ($0.line, $0.key) < ($1.line, $1.key) }
            throw settings[1].failure("and \(settings[0].name) exclude each other", hint: "keep one of them")
        }
        switch way {
        case "\(path)_file": return .file(setting.absolutePath())
        case "\(path)_command": return .command(setting.text)
        case "\(path)_credential": return try self.credential(setting)
        default:
            if isSecret { try self.checkPrivacy(of: setting) }
            return .literal(Secret(setting.text))
        }
    }

    private func credential(_ setting: Setting) throws -> PasswordSource {
        guard !setting.text.contains("/"), !setting.text.hasPrefix(".") else {
            throw setting.failure(
                "must be a name, not a path",
                hint: "the name of a LoadCredential= in the systemd unit"
            )
        }
        guard let folder = self.variable("CREDENTIALS_DIRECTORY") else {
            let problem = "names a credential of systemd, but there is no CREDENTIALS_DIRECTORY in the environment"
            let hint = "run dorsal as a systemd service with LoadCredential=\(setting.text):…, or use a file"
            throw setting.failure(problem, hint: hint)
        }
        return .credential(setting.text, folder: folder)
    }

    /// A variable of the environment; an empty one is as good as none.
    func variable(_ name: String) -> String? { self.environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A configuration file with a secret in it must be its owner's alone.
    ///
    /// For mysqlbackup.py's own key that is a warning, as its users have such files and are to change nothing.
    private mutating func checkPrivacy(of secret: Setting) throws {
        guard case .file(let file, _) = secret.place else { return }
        // It may also stand in the option file, or in one that this includes.
        let isOwn = file == self.settings.file
        let contents = isOwn ? self.contents : try FileContents(path: file, purpose: "the option file")
        guard !contents.isPrivate else { return }
        let problem = "is a secret, but others can read this file (mode \(contents.modeText))"
        let failure = secret.failure(problem, hint: "chmod 600 \(file)")
        guard secret.isFlat else { throw failure }
        self.warnings.append("\(failure.message); chmod 600 \(file)")
    }
}
