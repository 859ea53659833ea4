import Failures

/// The settings of a file and of the environment together, by the paths of today's keys.
struct ConfigurationSettings {
    /// The file that the settings come from.
    let file: String
    /// Where the peers begin in it.
    let sourceLines: [Int]
    /// Whether the file has keys of mysqlbackup.py.
    let isFlat: Bool
    private var settings: [String: Setting] = [:]

    /// Takes over a file's settings, mysqlbackup.py's keys under the names of their successors.
    init(_ document: ConfigurationDocument) throws {
        self.file = document.file
        self.sourceLines = document.sourceLines
        self.isFlat = document.settings.values.contains(where: \.isFlat)
        self.settings = document.settings
        for key in ConfigurationKey.all where key.isFlat {
            guard var setting = document.settings[key.path] else { continue }
            for other in ConfigurationSettings.synonyms(of: key) {
                try self.rejectBoth(setting, document.settings[other])
            }
            guard let successor = key.successor else { continue }
            // mysqlbackup.py took a host where there is a URL now.
            if key.path == "s3_host", !setting.text.contains("://") { setting.text = "https://\(setting.text)" }
            self.settings[key.path] = nil
            self.settings[successor] = setting
        }
    }

    /// Lets the environment override the file.
    mutating func override(by environment: [String: String], workingDirectory: String) throws {
        let keys = ConfigurationKey.all.compactMap { key in key.environmentName.map { (name: $0, key: key) } }
        let known = ConfigurationKey.otherEnvironmentNames.union(keys.map(\.name))
        for name in environment.keys.sorted() where name.hasPrefix("DORSAL_") && !known.contains(name) {
            let hint = ConfigurationHint.unknownVariable(name)
            throw Failure(.usage, "unknown environment variable '\(name)'", hint: hint)
        }
        var overrides: [String: Setting] = [:]
        for (name, key) in keys {
            // An empty variable is the usual way to leave one out.
            guard let text = environment[name], !text.isEmpty else { continue }
            let place = Setting.Place.environment(name, workingDirectory: workingDirectory)
            overrides[key.path] = Setting(key: key.path, text: text, place: place)
        }
        self.override(by: overrides)
    }

    /// Lets options of the command line override both; `flags` has texts with their keys.
    mutating func override(by flags: [ConfigurationFlag], workingDirectory: String) {
        let overrides = flags.map { flag in
            let place = Setting.Place.flag(flag.name, workingDirectory: workingDirectory)
            return (flag.key, Setting(key: flag.key, text: flag.text, place: place))
        }
        self.override(by: Dictionary(overrides) { _, last in last })
    }

    private mutating func override(by overrides: [String: Setting]) {
        for path in overrides.keys {
            for other in ConfigurationSettings.alternatives(to: path) { self.settings[other] = nil }
        }
        self.settings.merge(overrides) { _, override in override }
    }

    /// Adds a setting that is not there.
    mutating func add(_ setting: Setting, for path: String) { self.settings[path] = setting }

    /// Checks that every value is of the kind that the table of keys has for it; the first line at fault is reported.
    func checkKinds() throws {
        for (path, setting) in self.settings.sorted(by: { ($0.value.line, $0.key) < ($1.value.line, $1.key) }) {
            guard let key = ConfigurationKey.named(path.replacing(#/\[\d+\]/#, with: "[]")) else { continue }
            try setting.check(key.kind)
        }
    }

    /// The setting of a key's path.
    subscript(path: String) -> Setting? { self.settings[path] }

    /// The setting of a path that must be there.
    func required(_ path: String) throws -> Setting {
        if let setting = self.settings[path] { return setting }
        throw self.missing(path, hint: ConfigurationKey.named(path).map { "it is \($0.documentation)" })
    }

    /// A failure that names a missing key the way this file names its keys.
    func missing(_ path: String, hint: String?) -> Failure {
        let flat = ConfigurationKey.all.first { $0.successor == path }
        let name = self.isFlat ? flat?.path ?? path : path
        return Failure(.usage, "\(self.file): '\(name)' is missing", hint: hint)
    }

    /// Whether anything of a section is set.
    func hasSection(_ section: String) -> Bool { self.settings.keys.contains { $0.hasPrefix("\(section).") } }

    private func rejectBoth(_ setting: Setting, _ other: Setting?) throws {
        guard let other, case .file(_, let line) = other.place else { return }
        throw setting.failure("says the same as '\(other.key)' on line \(line)", hint: "keep one of them")
    }

    /// The sectioned keys that one of mysqlbackup.py's cannot stand together with.
    private static func synonyms(of key: ConfigurationKey) -> [String] {
        if key.path == "data_base" { return ["instance.data"] }
        guard let successor = key.successor else { return [] }
        return [successor] + ConfigurationSettings.alternatives(to: successor)
    }

    /// Other keys that give the same thing, and that a key therefore replaces.
    private static func alternatives(to path: String) -> [String] {
        if path == "instance.data" { return ["data_base"] }
        return ConfigurationKey.ways(like: path).filter { $0 != path }
    }
}
