import ArgumentParser
import Dorsal

struct CatchUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catch-up",
        abstract: "Fetch from the peers what a stopped instance lacks, and prove it.",
        discussion: "Example: dorsal catch-up, after a restore that could not reach its peers."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let global = self.global
        try await Run.command(global.output) { output in
            let dorsal = Dorsal(try global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.catchUp()
            output.result(summary, text: RestoreText.text(summary, output))
            return !summary.warnings.isEmpty
        }
    }
}
