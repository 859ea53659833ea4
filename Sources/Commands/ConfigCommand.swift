import ArgumentParser
import Dorsal
import Foundation
import Progress

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show and check the configuration, and list all of its keys.",
        discussion: "Example: dorsal config check --json",
        subcommands: [ConfigShowCommand.self, ConfigCheckCommand.self, ConfigKeysCommand.self]
    )
}

struct ConfigShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every value that holds, and where it comes from; secrets are hidden.",
        discussion: "Example: dorsal config show"
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let global = self.global
        try await Run.command(global.output) { output in
            let loaded = try global.loadedConfiguration()
            for warning in loaded.configuration.warnings { output.tell(.warning(warning)) }
            let settings = loaded.effectiveSettings
            let widths = Self.widths(settings)
            for setting in settings { output.result(setting, text: Self.line(setting, widths)) }
            return !loaded.configuration.warnings.isEmpty
        }
    }

    /// The widths of the columns; a long value moves its source to the right rather than all others.
    static func widths(_ settings: [LoadedConfiguration.EffectiveSetting]) -> (key: Int, value: Int) {
        let values = settings.map { Self.text($0.value).count }.filter { $0 <= 48 }
        return (settings.map(\.key.count).max() ?? 0, values.max() ?? 0)
    }

    static func line(_ setting: LoadedConfiguration.EffectiveSetting, _ widths: (key: Int, value: Int)) -> String {
        let value = Self.text(setting.value)
        let key = setting.key + String(repeating: " ", count: max(0, widths.key - setting.key.count))
        return "\(key)  \(value)\(String(repeating: " ", count: max(0, widths.value - value.count)))  \(setting.source)"
    }

    private static func text(_ value: String?) -> String {
        guard let value else { return "-" }
        return value.isEmpty ? "\"\"" : value.replacing("\n", with: "\\n")
    }
}

struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration and the files that it names, without asking a server or a storage.",
        discussion: "Example: dorsal config check"
    )

    @OptionGroup var global: GlobalOptions

    private struct Summary: Encodable {
        let type = "summary"
        let file: String?
        let warnings: [String]
    }

    func run() async throws {
        let global = self.global
        try await Run.command(global.output) { output in
            let configuration = try global.loadedConfiguration().configuration
            let check = ConfigurationCheck(configuration)
            for warning in check.warnings { output.tell(.warning(warning)) }
            for problem in check.problems.dropLast() { output.failure(problem) }
            if let problem = check.problems.last { throw problem }
            let summary = Summary(file: configuration.file, warnings: check.warnings)
            output.result(summary, text: "\(configuration.file ?? "the configuration") is fine")
            return !check.warnings.isEmpty
        }
    }
}

struct ConfigKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Print the reference of all keys.",
        discussion: "Example: dorsal config keys"
    )

    @OptionGroup var output: OutputOptions

    @Flag(help: "Print tables in Markdown.")
    var markdown = false

    func run() async throws {
        let command = self
        try await Run.command(self.output) { output in
            if command.output.json {
                for line in ConfigurationReference.lines { output.result(line, text: line.key) }
            } else {
                let text = command.markdown ? ConfigurationReference.markdown : ConfigurationReference.text
                output.result(text, text: text)
            }
            return false
        }
    }
}

extension GlobalOptions {
    /// Reads the configuration with the sources of its values.
    fileprivate func loadedConfiguration() throws -> LoadedConfiguration {
        try ConfigurationLoader.loadWithSources(
            path: self.config,
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
    }
}
