import Foundation
import Testing

/// Every line for a shell that the documentation shows is run by some check; CONTRIBUTING tells which runs what.
@Suite("Documented programs")
struct DocumentedProgramsTests {
    /// The programs whose lines some check runs.
    private static let covered: Set<Substring> = [
        "apt-get", "dorsal", "install", "journalctl", "make", "promtool", "sudoedit", "systemctl",
    ]

    /// The words of the lines in blocks that begin as a command does, and are not in another language.
    private static func commands(in text: String) -> [[Substring]] {
        var found: [[Substring]] = []
        var language: Substring?
        var isBlock = false
        var isForShell = false
        var goesOn = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                language = language == nil ? line.dropFirst(3) : nil
                isBlock = false
                continue
            }
            let isCode = language.map { $0.isEmpty || $0 == "sh" || $0 == "bash" } ?? line.hasPrefix("    ")
            let words = Array(line.split(separator: " ").drop { $0 == "sudo" || $0 == "$" })
            guard let program = words.first else { continue }
            if isCode && !isBlock {
                isForShell = program.wholeMatch(of: #/[a-z][a-z0-9-]*/#) != nil
                goesOn = false
            }
            isBlock = isCode
            guard isCode && isForShell else { continue }
            if !goesOn { found.append(words) }
            goesOn = line.hasSuffix("\\")
        }
        return found
    }

    @Test("No line for a shell is without a check that runs it")
    func everyLine() throws {
        let contributing = try DocumentedCommandsTests.text("CONTRIBUTING.md")
        for program in Self.covered { #expect(contributing.contains("`\(program)`"), "CONTRIBUTING: \(program)") }
        for name in try DocumentedCommandsTests.documents() {
            for words in Self.commands(in: try DocumentedCommandsTests.text(name)) {
                let line = words.joined(separator: " ")
                #expect(Self.covered.contains(words[0]), "\(name), which no check runs: \(line)")
            }
        }
    }

    @Test("What the documentation makes, the Makefile has")
    func targets() throws {
        let makefile = try DocumentedCommandsTests.text("Makefile")
        for name in try DocumentedCommandsTests.documents() {
            for words in Self.commands(in: try DocumentedCommandsTests.text(name)) where words[0] == "make" {
                #expect(words.count > 1 && makefile.contains("\n\(words[1]):"), "\(name): \(words)")
            }
        }
    }

    @Test("A line that no check runs is noticed, and other text is not taken for one")
    func noticed() {
        let text = """
            Text.

                sudo rsync -a \\
                    /a /b

                dorsal list
            ```yaml
            backup: nightly
            ```
                backup:     data 1-3
                binlogs     data 1-4
            ```
            reboot now
            ```
            """
        #expect(Self.commands(in: text).map { $0[0] } == ["rsync", "dorsal", "reboot"])
    }
}
