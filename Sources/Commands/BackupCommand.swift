import ArgumentParser
import Dorsal
import Progress

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Take a backup of the instance: data, option files and binary logs.",
        discussion:
            "The last line of the text output is the exact restore command.\nExample: dorsal backup --config /etc/dorsal/dorsal.yaml"
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let global = self.global
        try await Run.command(global.output) { output in
            let dorsal = Dorsal(try global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.backup()
            output.result(summary, text: BackupText.text(summary, output, config: dorsal.configuration.file))
            return !summary.warnings.isEmpty
        }
    }
}
