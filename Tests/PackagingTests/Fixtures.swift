import Failures
import Foundation
import Processes
import TestSupport

/// The repository that the tests were built from, and tools run on its files.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func path(_ name: String) -> String { "\(self.root)/\(name)" }

    static func text(_ name: String) throws -> String { try String(contentsOfFile: self.path(name), encoding: .utf8) }

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path(folder)).sorted()
    }
}

/// Runs a tool and returns its output's last lines; a tool that is not there, or fails, throws.
@discardableResult
func tool(_ name: String, _ arguments: String...) async throws -> String {
    try await ToolCommand(name, arguments).run(hint: "Scripts/install-dependencies.sh installs it")
        .joined(separator: "\n")
}

/// What a tool says when it fails; nil when it does not.
func complaint(_ name: String, _ arguments: String...) async throws -> String? {
    do {
        try await ToolCommand(name, arguments).run()
        return nil
    } catch let failure as Failure {
        return failure.description
    }
}

/// A program that was installed below a folder of the test's own, as `make install` does.
struct Installed {
    let folder: TemporaryFolder
    /// The folder that stands for `/usr/local`.
    let prefix: String

    init() async throws {
        self.folder = try TemporaryFolder()
        self.prefix = self.folder.path("usr")
        try await tool("env", "PREFIX=\(self.prefix)", Self.script, "install", DorsalProcess.binary)
    }

    static let script = Repository.path("Scripts/install.sh")

    func path(_ name: String) -> String { "\(self.prefix)/\(name)" }

    func text(_ name: String) throws -> String { try String(contentsOfFile: self.path(name), encoding: .utf8) }

    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path(folder)).sorted()
    }
}

/// What the program tells of its commands.
enum Commands {
    /// The verbs that have a page of help, as the program lists them.
    static func verbs() async throws -> [String] {
        let folder = try TemporaryFolder()
        let result = try await DorsalProcess.run(["--experimental-dump-help"], folder: folder.path)
        let help = try JSONDecoder().decode(Help.self, from: Data(result.out.utf8))
        return help.command.subcommands.map(\.commandName).filter { $0 != "help" }
    }

    private struct Help: Decodable {
        struct Command: Decodable { let subcommands: [Verb] }
        struct Verb: Decodable { let commandName: String }
        let command: Command
    }
}
