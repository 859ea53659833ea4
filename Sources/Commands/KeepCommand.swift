import ArgumentParser
import Dorsal

struct KeepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep",
        abstract: "Mark a backup to be kept: prune and delete leave it alone until it is released.",
        discussion: "Example: dorsal keep 20261122T094058Z-1f3a9c --note 'before the upgrade'"
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backup's id, or latest.")
    var backup: String

    @Flag(help: "Take the mark away.")
    var release = false

    @Option(help: "Why it is to be kept.")
    var note: String?

    func validate() throws {
        if self.release, self.note != nil { throw ValidationError("--note does not go with --release.") }
    }

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let id = try BackupID.named(command.backup)
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let listing =
                command.release ? try await dorsal.release(id) : try await dorsal.keep(id, note: command.note)
            output.result(listing, text: "\(listing.id) \(listing.kept ? "is kept" : "is no longer kept")")
            return false
        }
    }
}
