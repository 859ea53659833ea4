import ArgumentParser
import Dorsal

/// The option that names one of the places where backups lie.
struct RepositoryOption: ParsableArguments {
    /// A place where backups lie.
    enum Place: String, ExpressibleByArgument, CaseIterable, Sendable {
        case local, s3
    }

    @Option(help: "Only this place; else all that are configured.")
    var repository: Place?

    /// The place as the library names it.
    var place: Configuration.Retention.Place? { self.repository.map { $0 == .local ? .local : .s3 } }
}

extension BackupID {
    /// The id that an argument names; nil for `latest`.
    static func named(_ text: String) throws -> BackupID? { text == "latest" ? nil : try BackupID(text) }
}
