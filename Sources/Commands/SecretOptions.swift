import ArgumentParser
import Dorsal
import Failures

/// Refuses secrets on the command line, where every user of the machine can read them.
///
/// This is done before the line is parsed, so that no message of the parser can repeat what was given.
public enum SecretOptions {
    /// Ends with a printed failure if an argument is, or looks like, an option for a secret.
    ///
    /// - Parameter arguments: the arguments without the program's name.
    /// - Throws: `ExitCode` 64.
    public static func refuse(in arguments: [String]) throws {
        guard let option = arguments.lazy.compactMap(SecretOptions.name).first else { return }
        let options = try OutputOptions.parse(arguments.contains("--json") ? ["--json"] : [])
        Output(options).failure(
            Failure(
                .usage,
                "\(option) is not taken: secrets do not belong on command lines, where others can read them",
                hint: """
                    write the secret to a file of mode 0600 and name it in the configuration: instance.password_file, \
                    replication.password_file or repository.s3.secret_key_file; or use their _command and _credential forms
                    """
            )
        )
        throw ExitCode(Failure.Class.usage.rawValue)
    }

    /// The option that an argument names, without its value, if it is one for a secret.
    static func name(_ argument: String) -> String? {
        if argument.hasPrefix("-p") { return "-p" }
        guard argument.hasPrefix("--") else { return nil }
        let written = argument.dropFirst(2).prefix { $0 != "=" }
        let words = written.lowercased().split { $0 == "-" || $0 == "_" || $0 == "." }.map(String.init)
        guard let last = words.last, !["file", "command", "credential"].contains(last) else { return nil }
        guard let word = words.first(where: SecretOptions.isSecret) else { return nil }
        // A word that is only like one may have the secret in it.
        return words.joined(separator: "-") == written.lowercased().replacing("_", with: "-")
            && SecretOptions.words.contains(word)
            ? "--\(written)" : "an option for a secret"
    }

    private static let words: Set<String> = ["password", "passwd", "passphrase", "secret", "token"]

    private static func isSecret(_ word: String) -> Bool {
        SecretOptions.words.contains(word)
            || word.hasPrefix("password")
            || ["password", "secret"].contains { NearestName.distance(word, $0) <= $0.count / 4 }
    }
}
