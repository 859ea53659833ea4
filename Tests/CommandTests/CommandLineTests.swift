import Dorsal
import Foundation
import TestSupport
import Testing

@Suite("The built program: help, version, wrong command lines")
struct CommandLineTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func dorsal(_ arguments: String...) async throws -> DorsalResult {
        try await DorsalProcess.run(arguments, folder: self.folder.path)
    }

    private static let verbs = [
        "backup", "restore", "catch-up", "doctor", "list", "show", "verify", "keep", "delete", "prune", "config",
        "demo",
    ]

    @Test("Every verb has help with an example", arguments: verbs)
    func help(_ verb: String) async throws {
        let result = try await self.dorsal(verb, "--help")
        #expect(result.status == 0)
        #expect(result.out.contains("Example: dorsal \(verb)"))
        #expect(result.out.contains("--json"))
        #expect(result.err == "")
    }

    @Test("The help names all verbs and exit codes")
    func rootHelp() async throws {
        let result = try await self.dorsal("--help")
        #expect(result.status == 0)
        for verb in Self.verbs { #expect(result.out.contains("\n  \(verb)"), "\(verb)") }
        #expect(result.out.contains("9 not caught up"))
        #expect(try await self.dorsal().status == 0)
    }

    @Test("The version")
    func version() async throws {
        let result = try await self.dorsal("--version")
        #expect(result.status == 0)
        #expect(result.out == "dorsal \(Version.current)\n")
    }

    @Test(
        "Wrong command lines end with 64, on standard error",
        arguments: [
            ["--nonsense"], ["nonsense"], ["backup", "--nonsense"], ["restore", "a", "b"], ["list", "--config"],
            ["restore", "--port", "many"], ["restore", "--port", "70000"], ["demo", "--server", "oracle"],
            ["verify", "--all", "latest"], ["verify", "--sample", "5"], ["delete"], ["keep"], ["prune", "--force"],
            ["list", "--repository", "tape"], ["keep", "latest", "--release", "--note", "x"],
        ]
    )
    func wrong(_ arguments: [String]) async throws {
        let result = try await DorsalProcess.run(arguments, folder: self.folder.path)
        #expect(result.status == 64)
        #expect(result.out == "")
        #expect(result.err.hasPrefix("Error: "))
        #expect(result.err.contains("Usage: dorsal"))
    }
}
