extension OptionFile {
    /// One option file with a single `[mysqld]` group that has the same effect on a server as these groups here.
    ///
    /// Entries keep their order and all of them stay, because some options add up (`plugin-load-add`, `replicate-do-db`)
    /// and for the others the server itself lets the last one win. An option named in `overrides` is removed in all its
    /// forms and, unless its override is nil, set anew at the end.
    package func flattened(groups: [String], overrides: [String: String?] = [:]) -> String {
        let groups = Set(groups.map { $0.lowercased() })
        let replaced = Set(overrides.keys.map { OptionName($0) })
        var lines = ["# Written by dorsal from \(self.path)", "[mysqld]"]
        for entry in self.entries where groups.contains(entry.group) && !entry.isAbout(replaced) {
            lines.append(OptionFile.line(entry.key, entry.value))
        }
        for (key, value) in overrides.sorted(by: { $0.key < $1.key }) {
            if let value { lines.append(OptionFile.line(key, value)) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ key: String, _ value: String?) -> String {
        guard let value else { return key }
        return "\(key) = \(value.asOptionValue)"
    }
}

extension OptionFile.Entry {
    fileprivate func isAbout(_ options: Set<OptionName>) -> Bool {
        let name = OptionName(self.key)
        return options.contains(name) || name.switched.map { options.contains($0.option) } ?? false
    }
}

extension String {
    /// The value escaped, and quoted where it would otherwise be cut or trimmed.
    fileprivate var asOptionValue: String {
        let quoted = self.utf8.contains { $0 == 34 || $0 == 35 || $0 == 39 } || self.isBlankAround
        let escaped = self.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\u{8}": "\\b"
            case "\t": "\\t"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\"": "\\\""
            default: String(scalar)
            }
        }
        return quoted ? "\"\(escaped.joined())\"" : escaped.joined()
    }

    private var isBlankAround: Bool {
        guard let first = self.utf8.first, let last = self.utf8.last else { return true }
        return first.isBlank || last.isBlank
    }
}
