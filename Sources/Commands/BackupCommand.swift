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
        try await Run.command(json: global.json) { output in
            let dorsal = Dorsal(try global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.backup()
            output.result(summary, text: BackupText.text(summary, config: dorsal.configuration.file))
            return !summary.warnings.isEmpty
        }
    }
}

/// A backup's end as people read it.
enum BackupText {
    static func text(_ summary: BackupSummary, config: String? = nil) -> String {
        let total = summary.seconds.values.reduce(0, +)
        let named = config.map { " --config \(Self.shellWord($0))" } ?? ""
        let places = [summary.package.local, summary.package.s3].compactMap { $0 }.joined(separator: " and ")
        return """
            backup   \(summary.id) of \(summary.instance), \(summary.engine)
            package  \(places) \(Sizes.text(summary.package.bytes)), sha256 \(summary.package.sha256)
            data     \(summary.gtid.data)
            binlogs  reach \(summary.gtid.binlog)
            time     \((total * 10).rounded() / 10) s
            dorsal restore \(summary.id)\(named)
            """
    }

    /// A path as a shell takes it for one word.
    private static func shellWord(_ path: String) -> String {
        if path.allSatisfy({ $0.isLetter || $0.isNumber || "/._-+:@%".contains($0) }) { return path }
        return "'" + path.replacing("'", with: "'\\''") + "'"
    }
}
