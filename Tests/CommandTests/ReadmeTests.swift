import Foundation
import Testing

/// The README's example in Swift is a target of its own, so that it is compiled; here the two are held together.
struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
    }

    /// What stands between two lines.
    private static func lines(of text: String, from begin: String, to end: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return Array(lines.drop { $0 != begin }.dropFirst().prefix { $0 != end })
    }

    @Test("The README's Swift example is the one that is compiled")
    func example() throws {
        let shown = Self.lines(of: try Self.text("README.md"), from: "```swift", to: "```")
        let compiled = Self.lines(
            of: try Self.text("Examples/LibraryExample/main.swift"),
            from: "// README begin",
            to: "// README end"
        )
        #expect(!shown.isEmpty)
        #expect(shown == compiled)
    }

    @Test("Everything that the README links to in the repository is there")
    func links() throws {
        let readme = try Self.text("README.md")
        let targets = readme.matches(of: #/\]\((?<path>[^)#:]+)\)/#).map { String($0.output.path) }
        #expect(!targets.isEmpty)
        for target in targets {
            let path = Self.root.appendingPathComponent(target).path
            #expect(FileManager.default.fileExists(atPath: path), "\(target)")
        }
    }
}
