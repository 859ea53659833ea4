import Failures
import Foundation
import Yams

/// A configuration file taken apart into settings: every key is known and stands only once; values are still text.
struct ConfigurationDocument {
    /// The file's path.
    let file: String
    /// The settings by their key's path; those of the first peer begin with `replication.sources[0].`.
    private(set) var settings: [String: Setting] = [:]
    /// The lines on which the peers begin.
    private(set) var sourceLines: [Int] = []

    /// Takes a file's text apart.
    init(text: String, file: String) throws {
        self.file = file
        guard let root = try self.compose(text), !root.isNothing else {
            throw self.failure(1, "the configuration is empty", hint: "see the sample configuration")
        }
        guard case .mapping(let mapping) = root else {
            throw self.failure(
                root.line,
                "keys such as 'instance:' must stand here",
                hint: "see the sample configuration"
            )
        }
        try self.take(mapping, section: "", known: "")
    }

    /// Takes a mapping's entries; `section` is its path with indices, `known` the same as the table of keys has it.
    private mutating func take(_ mapping: Node.Mapping, section: String, known: String) throws {
        for (keyNode, value) in mapping {
            guard let name = keyNode.scalar?.string else {
                throw self.failure(keyNode.line, "a key must be a word")
            }
            try self.take(name, value, line: keyNode.line, section: section, known: known)
        }
    }

    private mutating func take(_ name: String, _ value: Node, line: Int, section: String, known: String) throws {
        let path = section.isEmpty ? name : "\(section).\(name)"
        let knownPath = known.isEmpty ? name : "\(known).\(name)"
        guard !name.contains(where: { $0 == "." || $0 == "[" }) else { throw self.dotted(knownPath, line: line) }
        if let key = ConfigurationKey.named(knownPath) {
            self.settings[path] = try self.setting(key, path, value, line: line)
        } else if ConfigurationKey.sections.contains(knownPath) {
            // A section may be empty, as one is whose keys are all commented out.
            if value.isNothing { return }
            guard case .mapping(let mapping) = value else {
                throw self.failure(line, "'\(path)' must have keys below it")
            }
            try self.take(mapping, section: path, known: knownPath)
        } else if knownPath == ConfigurationKey.sources {
            try self.takeSources(value, line: line)
        } else {
            let hint = ConfigurationHint.unknownKey(knownPath)
            throw self.failure(line, "unknown key '\(knownPath)'", hint: hint)
        }
    }

    private mutating func takeSources(_ value: Node, line: Int) throws {
        if value.isNothing { return }
        guard case .sequence(let items) = value else {
            let hint = "write: sources: [{ id: 2, host: db2.example.com, port: 3306 }]"
            throw self.failure(line, "'\(ConfigurationKey.sources)' must be a list", hint: hint)
        }
        for (index, item) in items.enumerated() {
            guard case .mapping(let mapping) = item else {
                let hint = "write: - { id: 2, host: db2.example.com, port: 3306 }"
                throw self.failure(item.line, "a peer must have id, host and port", hint: hint)
            }
            self.sourceLines.append(item.line)
            let section = "\(ConfigurationKey.sources)[\(index)]"
            try self.take(mapping, section: section, known: "\(ConfigurationKey.sources)[]")
        }
    }

    /// The key's setting; nil if one of mysqlbackup.py's keys has no value, which meant the same as no key there.
    private func setting(_ key: ConfigurationKey, _ path: String, _ value: Node, line: Int) throws -> Setting? {
        guard case .scalar(let scalar) = value else {
            throw self.failure(line, "'\(path)' must be a single value", hint: key.documentation)
        }
        if value.isNothing || (key.isFlat && scalar.string.isEmpty) {
            if key.isFlat { return nil }
            throw self.failure(line, "'\(path)' has no value", hint: "give it one or remove the line")
        }
        return Setting(key: path, text: scalar.string, place: .file(self.file, line: line))
    }

    private func dotted(_ path: String, line: Int) -> Failure {
        let (section, name) = ConfigurationKey.split(path)
        let exists = ConfigurationKey.named(path) != nil
        let hint = exists ? "write '\(name):' indented below '\(section):'" : ConfigurationHint.unknownKey(path)
        return self.failure(line, "unknown key '\(path)'", hint: hint)
    }

    private func failure(_ line: Int, _ problem: String, hint: String? = nil) -> Failure {
        Failure(.usage, "\(self.file):\(line): \(problem)", hint: hint)
    }
}

extension ConfigurationDocument {
    /// The document's root, with YAML's own errors in our words; those of the library quote lines, secrets included.
    private func compose(_ text: String) throws -> Node? {
        do {
            return try Yams.compose(yaml: text, .default, .default, .utf8)
        } catch let error as YamlError {
            let (line, problem) = ConfigurationDocument.explain(error)
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let hasTab = lines.indices.contains(line - 1) && lines[line - 1].contains("\t")
            throw self.failure(line, problem, hint: hasTab ? "indent by spaces: this line has a tab" : nil)
        }
    }

    private static func explain(_ error: YamlError) -> (line: Int, problem: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (mark.line, "this is not YAML: \(problem)")
        case .reader(let problem, let offset, _, let yaml):
            return (yaml.prefix(offset ?? 0).count(where: \.isNewline) + 1, "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let list = keys.map { "'\($0)'" }.joined(separator: ", ")
            return (context.mark.line, "\(list) is given more than once")
        default:
            return (1, "this is not YAML")
        }
    }
}

extension Node {
    /// The line that the node begins on.
    fileprivate var line: Int { self.mark?.line ?? 1 }

    /// Whether nothing is written here, or YAML's word for nothing.
    fileprivate var isNothing: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
