import Dorsal
import Failures
import Foundation
import TestSupport
import Testing
import Yams

@Suite("The sample configuration")
struct SampleTests {
    private static let name = "Packaging/dorsal.yaml.sample"
    /// The sample with everything turned on.
    private static func everything() throws -> String {
        try Repository.text(self.name).replacing(#/(?m)^( *)#(?=\S)/#) { String($0.output.1) }
    }

    private static func keys(of node: Node, path: String = "") -> Set<String> {
        switch node {
        case .mapping(let mapping):
            mapping.reduce(into: []) { keys, pair in
                let name = pair.key.string ?? "?"
                keys.formUnion(self.keys(of: pair.value, path: path.isEmpty ? name : "\(path).\(name)"))
            }
        case .sequence(let sequence):
            sequence.reduce(into: []) { $0.formUnion(self.keys(of: $1, path: "\(path)[]")) }
        default: [path]
        }
    }

    @Test("It is a configuration as it stands")
    func asItStands() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(try Repository.text(Self.name), to: "dorsal.yaml")
        let configuration = try ConfigurationLoader.load(path: file, environment: [:], workingDirectory: folder.path)
        #expect(configuration.instance.name == "orders")
        #expect(configuration.instance.port == 3306)
    }

    @Test("Every section stands in it, and only keys that there are")
    func complete() throws {
        let node = try #require(try Yams.compose(yaml: try Self.everything()))
        let shown = Self.keys(of: node)
        let known = ConfigurationKey.all.filter { !$0.isFlat }
        #expect(shown.subtracting(known.map(\.path)).sorted() == [])
        let sections = Set(known.map(\.section)).subtracting(["retention.local", "retention.s3"])
        #expect(sections.subtracting(shown.map { $0.split(separator: ".").dropLast().joined(separator: ".") }) == [])
    }

    @Test("Its engines and forms are those that there are, one at a time")
    func otherValues() throws {
        let folder = try TemporaryFolder()
        let text = try Repository.text(Self.name)
        for line in ["engine: auto", "package: tar.gz", "keep_local: true"] {
            #expect(text.contains("  #\(line)\n"))
            let file = try folder.write(text.replacing("  #\(line)", with: "  \(line)"), to: "dorsal.yaml")
            #expect(throws: Never.self) {
                try ConfigurationLoader.load(path: file, environment: [:], workingDirectory: folder.path)
            }
        }
        let wrong = try folder.write(text.replacing("  #engine: auto", with: "  engine: cars"), to: "dorsal.yaml")
        let failure = #expect(throws: Failure.self) {
            try ConfigurationLoader.load(path: wrong, environment: [:], workingDirectory: folder.path)
        }
        #expect(failure?.class == .usage)
    }
}
