import Foundation
import Processes
import Sandbox
import TestSupport
import Testing

/// Every `dorsal` command that the documentation shows is run as it stands there.
@Suite("Documented commands", .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"))
struct DocumentedCommandsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The README and all articles.
    static func documents() throws -> [String] {
        let articles = "Sources/Dorsal/Documentation.docc"
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/\(articles)")
            .filter { $0.hasSuffix(".md") }.sorted()
        return ["README.md", "Packaging/README.md"] + names.map { "\(articles)/\($0)" }
    }

    /// A file of the repository.
    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(Self.root)/\(name)", encoding: .utf8)
    }

    /// The lines of code blocks that run `dorsal`, without their comments; each once.
    static func commands() throws -> [String] {
        var found: [String] = []
        for name in try Self.documents() {
            let text = try Self.text(name)
            var isFenced = false
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("```") { isFenced.toggle() }
                guard isFenced || line.hasPrefix("    ") else { continue }
                let command = line.trimmingCharacters(in: .whitespaces).split(separator: #/\s+#/#).first ?? ""
                let words = command.split(separator: " ").drop { $0 == "sudo" || $0 == "$" }
                guard words.first == "dorsal" else { continue }
                let plain = words.joined(separator: " ")
                if !found.contains(plain) { found.append(plain) }
            }
        }
        return found
    }

    /// Whether a command is for a server that is lost; all others are for one that runs.
    private static func isForLostServer(_ command: String) -> Bool {
        let words = command.split(separator: " ")
        guard words[1] == "restore" || words[1] == "catch-up" else { return false }
        return !words.contains("--target-dir")
    }

    @Test("They do what they are shown for")
    func run() async throws {
        let commands = try Self.commands()
        #expect(commands.count >= 9)
        #expect(commands.contains("dorsal backup") && commands.contains("dorsal restore"))
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            try s3.configure(keepsLocal: true, more: "retention: { keep_last: 5, keep_daily: 7 }")
            try Self.prepare(s3.scenario)
            // Removals need something to remove, and something to leave.
            for _ in 0..<2 { try await s3.scenario.backUp() }
            for command in commands where !Self.isForLostServer(command) {
                await Self.expectWorks(command, s3.scenario)
            }
            try await s3.scenario.backUp()
            try await s3.scenario.lose()
            for command in commands where Self.isForLostServer(command) {
                await Self.expectWorks(command, s3.scenario)
            }
        }
    }

    /// Puts the program on the path, and mysqlbackup.py's configuration where its users have it.
    private static func prepare(_ scenario: Scenario) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: "\(scenario.folder)/bin", withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: "\(scenario.folder)/bin/dorsal",
            withDestinationPath: DorsalProcess.binary
        )
        try files.copyItem(atPath: scenario.configurationFile, toPath: "\(scenario.folder)/conf.yaml")
    }

    private static func expectWorks(_ command: String, _ scenario: Scenario) async {
        do {
            let script = """
                cd '\(scenario.folder)'
                for name in $(env | sed -n 's/^\\(DORSAL_[A-Z0-9_]*\\)=.*/\\1/p'); do unset "$name"; done
                PATH='\(scenario.folder)/bin':"$PATH"
                \(try Self.adapted(command, scenario))
                code=$?
                [ $code -eq 0 ] || [ $code -eq 2 ] || { echo "exit code $code" >&2; exit 1; }
                """
            try await ToolCommand("/bin/bash", ["-c", script]).run()
        } catch {
            Issue.record("\(command): \(error)")
        }
    }

    /// Puts this scenario's ids, folders and port in the place of the document's.
    private static func adapted(_ command: String, _ scenario: Scenario) throws -> String {
        let ids = try scenario.backupIDs()
        return
            command
            .replacing(#/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b|\bID\b/#, with: ids.first ?? "none")
            .replacing(#//etc/dorsal/[a-z]+\.yaml/#, with: scenario.configurationFile)
            .replacing("/restore-test", with: "\(scenario.folder)/restore-test")
            .replacing("/var/log", with: scenario.folder)
    }
}
