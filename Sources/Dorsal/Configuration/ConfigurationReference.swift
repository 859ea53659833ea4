/// The reference of all keys, made from their table.
package enum ConfigurationReference {
    /// One key as the reference has it.
    package struct Line: Sendable, Encodable {
        /// What the object is, in JSON.
        package var type = "key"
        /// The key with its sections.
        package let key: String
        /// What it takes, in words.
        package let value: String
        /// What holds when it is not given, in words.
        package let standard: String?
        /// What it means.
        package let meaning: String
        /// The environment's variable that overrides it.
        package let variable: String?

        private enum CodingKeys: String, CodingKey {
            case type, key, value, meaning, variable
            case standard = "default"
        }
    }

    /// All keys; mysqlbackup.py's come last.
    package static var lines: [Line] {
        ConfigurationKey.all.map { key in
            Line(
                key: key.path,
                value: key.kind.words,
                standard: key.standard,
                meaning: key.documentation,
                variable: key.environmentName
            )
        }
    }

    /// The reference for people at a terminal.
    package static var text: String {
        self.lines.map { line in
            let standard = line.standard.map { "; default: \($0)" } ?? ""
            return "\(line.key)\n    \(line.meaning)\n    \(line.value)\(standard)"
        }.joined(separator: "\n")
    }

    /// The reference as tables in Markdown, one a section.
    package static var markdown: String {
        var sections: [(name: String, rows: [String])] = []
        for key in ConfigurationKey.all {
            let row = "| `\(key.name)` | \(key.documentation) | \(key.kind.words) | \(key.standard ?? "") |"
            if sections.last?.name == key.section {
                sections[sections.count - 1].rows.append(row)
            } else {
                sections.append((key.section, [row]))
            }
        }
        return sections.map { section in
            let title = section.name.isEmpty ? "mysqlbackup.py's own keys, at the top level" : "`\(section.name)`"
            return "### \(title)\n\n| key | meaning | value | default |\n| --- | --- | --- | --- |\n"
                + section.rows.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

extension ConfigurationKey.Kind {
    /// What a key of this kind takes, in words.
    var words: String {
        switch self {
        case .text: "text"
        case .anyText: "text, possibly empty"
        case .path: "path"
        case .port: "1 to 65535"
        case .number: "1 to 4294967295"
        case .count(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .size(let range):
            "size, \(Quantity.text(bytes: range.lowerBound)) to \(Quantity.text(bytes: range.upperBound))"
        case .duration(let range): "time, \(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))"
        case .flag: "true or false"
        case .choice(let words): words.joined(separator: ", ")
        case .url, .secretURL: "http or https URL"
        case .secret: "secret"
        }
    }
}
