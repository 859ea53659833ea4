/// What to say to somebody who wrote a key that does not exist.
enum ConfigurationHint {
    /// The hint for an unknown key.
    static func unknownKey(_ path: String) -> String {
        if let nearest = ConfigurationHint.nearest(path) { return "did you mean '\(nearest)'?" }
        let section = ConfigurationKey.split(path).section
        let names = ConfigurationHint.names(in: section)
        let place = section.isEmpty ? "at the top level" : "in '\(section)'"
        return "the keys \(place) are \(names.joined(separator: ", "))"
    }

    /// The hint for an unknown environment variable.
    static func unknownVariable(_ name: String) -> String? {
        let names = ConfigurationKey.all.compactMap(\.environmentName) + ConfigurationKey.otherEnvironmentNames.sorted()
        if let full = names.first(where: { $0.hasSuffix(name.dropFirst("DORSAL".count)) }) {
            return "did you mean '\(full)'?"
        }
        return NearestName.find(name, in: names).map { "did you mean '\($0.name)'?" }
    }

    /// The valid key that is written nearly like this one, or has its name in another section.
    private static func nearest(_ path: String) -> String? {
        let (section, name) = ConfigurationKey.split(path)
        let neighbours = ConfigurationHint.names(in: section)
        if let found = NearestName.find(name, in: neighbours), found.distance <= max(1, name.count / 3) {
            return section.isEmpty ? found.name : "\(section).\(found.name)"
        }
        if let longer = neighbours.first(where: { name.hasPrefix($0) }) {
            return section.isEmpty ? longer : "\(section).\(longer)"
        }
        return ConfigurationKey.all.first { $0.name == name }?.path
    }

    /// The keys and sections that may stand in a section, without what only mysqlbackup.py had.
    private static func names(in section: String) -> [String] {
        var names: [String] = []
        let prefix = section.isEmpty ? "" : "\(section)."
        for key in ConfigurationKey.all where key.path.hasPrefix(prefix) {
            let rest = key.path.dropFirst(prefix.count).prefix { $0 != "." && $0 != "[" }
            if !names.contains(String(rest)) { names.append(String(rest)) }
        }
        return names
    }
}
