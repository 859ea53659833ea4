import ArgumentParser
import Dorsal
import Failures
import Progress

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete backups, but not the last good one.",
        discussion: "Example: dorsal delete 20261122T094058Z-1f3a9c --dry-run"
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backups' ids.")
    var backups: [String]

    @OptionGroup var place: RepositoryOption

    @Flag(help: "Say what would be deleted; touch nothing.")
    var dryRun = false

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let ids = try command.backups.map { try BackupID($0) }
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.delete(ids, repository: command.place.place, isDryRun: command.dryRun)
            output.result(summary, text: RemovalText.text(summary))
            return !summary.warnings.isEmpty
        }
    }
}

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete the backups that the rules of retention do not keep, and what failed runs have left behind.",
        discussion: """
            The rules are the configuration's section retention. The newest good backup of each place always stays.
            Example: dorsal prune --dry-run
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: RepositoryOption

    @Flag(help: "Say what would be kept and deleted; touch nothing.")
    var dryRun = false

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.prune(repository: command.place.place, isDryRun: command.dryRun)
            output.result(summary, text: RemovalText.text(summary))
            return !summary.warnings.isEmpty
        }
    }
}

/// What was removed and what stays, as people read it.
enum RemovalText {
    static func text(_ summary: RemovalSummary) -> String {
        var table = TextTable([])
        for kept in summary.kept { table.add(["keep", kept.place, kept.id, kept.reasons.joined(separator: ", ")]) }
        for damaged in summary.damaged { table.add(["damaged", damaged.place, damaged.id, "left alone"]) }
        for removed in summary.removed {
            table.add([summary.dryRun ? "would go" : "removed", removed.place, removed.id, Sizes.text(removed.bytes)])
        }
        let cleared = summary.cleared.map { "\(summary.dryRun ? "would clear" : "cleared") \($0)" }
        let count = "\(summary.removed.count) \(summary.dryRun ? "would be removed" : "removed")"
        return (table.lines.dropFirst() + cleared + ["\(count), \(Sizes.text(summary.bytes))"]).joined(separator: "\n")
    }
}
