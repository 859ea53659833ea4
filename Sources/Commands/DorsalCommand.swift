public import ArgumentParser
import Dorsal

/// The root of the command line.
public struct DorsalCommand: AsyncParsableCommand {
    /// The command's name, help and verbs.
    public static let configuration = CommandConfiguration(
        commandName: "dorsal",
        abstract: "Backs up MySQL and MariaDB servers and brings lost ones back, complete.",
        discussion: """
            Exit codes: 0 done, 1 internal, 2 done with warnings, 3 unusable, 4 and 5 storage, 6 database, 7 integrity, \
            8 gap in history, 9 not caught up, 11 locked, 64 usage, 130 and 143 interrupted. Treat any other as a failure.
            """,
        version: "dorsal \(Version.current)",
        subcommands: [
            BackupCommand.self, RestoreCommand.self, CatchUpCommand.self, DoctorCommand.self,
            ListCommand.self, ShowCommand.self, VerifyCommand.self, KeepCommand.self, DeleteCommand.self,
            PruneCommand.self, ConfigCommand.self, DemoCommand.self,
        ]
    )

    /// Makes the command; the parser calls this.
    public init() {}
}
