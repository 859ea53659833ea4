import ArgumentParser
import Dorsal

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring the instance back: data, binary logs, and what only the peers still hold.",
        discussion: """
            An earlier data directory is moved aside, never removed. Run it again after any interruption.
            Example: dorsal restore latest
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backup's id, or latest.")
    var backup = "latest"

    @Option(help: "Restore into this data directory instead of the instance's own.", completion: .directory)
    var targetDir: String?

    @Option(help: "The restored instance's port.")
    var port: UInt16?

    @Option(help: "The restored instance's socket.", completion: .file())
    var socket: String?

    @Flag(help: "Stop after the binary logs; do not fetch from the peers.")
    var noCatchUp = false

    @Flag(help: "Print what would be read and where it ends; touch nothing.")
    var dryRun = false

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let options = try command.options()
            if command.dryRun {
                let lines = try await dorsal.plan(options)
                output.result(PlanObject(lines: lines), text: lines.joined(separator: "\n"))
                return false
            }
            let summary = try await dorsal.restore(options)
            output.result(summary, text: RestoreText.text(summary, output))
            return !summary.warnings.isEmpty
        }
    }

    func options() throws -> RestoreOptions {
        RestoreOptions(
            backup: self.backup == "latest" ? nil : try BackupID(self.backup),
            targetDirectory: self.targetDir,
            port: self.port,
            socket: self.socket,
            catchesUp: !self.noCatchUp
        )
    }

    private struct PlanObject: Encodable {
        let type = "plan"
        let lines: [String]
    }
}
