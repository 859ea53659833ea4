/// One key of the configuration file.
///
/// The table of all keys is the single place that says what may stand in the file; parsing, hints for unknown keys, the
/// names of environment variables and the reference all come from it.
package struct ConfigurationKey: Sendable, Equatable {
    /// What kind of value a key takes.
    package enum Kind: Sendable, Equatable {
        /// Text, not empty.
        case text
        /// Text that may be empty.
        case anyText
        /// A path; a relative one is relative to the configuration file's folder.
        case path
        /// A TCP port.
        case port
        /// A server-id or the like: a number from 1 to 4294967295.
        case number
        /// A number in a range.
        case count(ClosedRange<Int>)
        /// A number of bytes in a range, such as `8MiB`.
        case size(ClosedRange<Int64>)
        /// A time in a range, such as `15m`.
        case duration(ClosedRange<Duration>)
        /// Yes or no.
        case flag
        /// One of some words.
        case choice([String])
        /// An http or https URL.
        case url
        /// An http or https URL that lets in whoever knows it, so that no message shows it.
        case secretURL
        /// A password or a secret key, which no message shows.
        case secret
    }

    /// The key with its sections, such as `instance.port`; `[]` stands for an entry of a list.
    package let path: String
    /// What it takes.
    package let kind: Kind
    /// What it means, in a line.
    package let documentation: String
    /// What holds when it is not given, in words.
    package let standard: String?
    /// For a key of mysqlbackup.py: the key that says the same today.
    package let successor: String?

    init(_ path: String, _ kind: Kind, _ documentation: String, standard: String? = nil, successor: String? = nil) {
        self.path = path
        self.kind = kind
        self.documentation = documentation
        self.standard = standard
        self.successor = successor
    }

    /// The section that the key stands in; empty at the top level.
    package var section: String { ConfigurationKey.split(self.path).section }
    /// The key without its sections.
    package var name: String { ConfigurationKey.split(self.path).name }
    /// Whether this is one of mysqlbackup.py's keys, which stand at the top level.
    package var isFlat: Bool { self.section.isEmpty }

    /// The environment variable that overrides the key; list entries and mysqlbackup.py's keys have none.
    package var environmentName: String? {
        guard !self.isFlat, !self.path.contains("[]") else { return nil }
        return "DORSAL_" + self.path.uppercased().replacing(".", with: "_")
    }

    /// Whether no message shows the value.
    var isSecret: Bool { self.kind == .secret || self.kind == .secretURL }

    /// Variables of this prefix that the program uses otherwise; the last two it gives to hooks, which may run it.
    package static let otherEnvironmentNames: Set<String> = [
        "DORSAL_CONFIG", "DORSAL_SYNC_POINT", HookEnvironment.instance, HookEnvironment.backupID,
    ]

    /// All ways to give the secret of a path.
    static func ways(of path: String) -> [String] {
        [path, "\(path)_file", "\(path)_command", "\(path)_credential"].filter { ConfigurationKey.named($0) != nil }
    }

    /// All ways to give the same secret as a path does; only the path itself if it is of another kind.
    static func ways(like path: String) -> [String] {
        for ending in ["_file", "_command", "_credential"] where path.hasSuffix(ending) {
            let ways = ConfigurationKey.ways(of: String(path.dropLast(ending.count)))
            if ways.contains(path) { return ways }
        }
        return ConfigurationKey.ways(of: path)
    }

    /// The keys of the ways to give a secret.
    static func secretKeys(_ path: String, _ what: String, standard: String? = nil) -> [ConfigurationKey] {
        [
            ConfigurationKey("\(path)_file", .path, "a file of mode 0600 that holds \(what)", standard: standard),
            ConfigurationKey("\(path)_command", .text, "a shell command line that prints \(what) as its first line"),
            ConfigurationKey("\(path)_credential", .text, "the name of a systemd credential that holds \(what)"),
            ConfigurationKey(path, .secret, "\(what) itself, in a configuration file of mode 0600"),
        ]
    }

    /// The list of peers, the one key whose value is a list.
    static let sources = "replication.sources"

    /// The key of a path, if there is one.
    static func named(_ path: String) -> ConfigurationKey? { ConfigurationKey.byPath[path] }

    /// All sections, also those that hold only other sections.
    static let sections: Set<String> = {
        var sections: Set<String> = []
        for key in ConfigurationKey.all {
            var section = key.section
            while !section.isEmpty {
                sections.insert(section)
                section = ConfigurationKey.split(section).section
            }
        }
        return sections
    }()

    /// Parts a path at its last dot.
    static func split(_ path: String) -> (section: String, name: String) {
        guard let dot = path.lastIndex(of: ".") else { return ("", path) }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }

    private static let byPath = Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.path, $0) })
}
