import ArgumentParser
import Dorsal
import Foundation

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The configuration file; else $DORSAL_CONFIG, ./dorsal.yaml, /etc/dorsal/dorsal.yaml.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?

    @OptionGroup var output: OutputOptions

    /// Reads the configuration file that the options and the environment name.
    func configuration() throws -> Configuration {
        try ConfigurationLoader.load(
            path: self.config,
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
    }
}
