import Foundation

/// A MySQL or MariaDB option file (`my.cnf`) with the files that it includes, read the way the server reads it.
///
/// Three things differ from the server, because a backup that quietly misses a part of the configuration is worse than
/// an error: an `!include` of a missing file is an error, a relative path is relative to the including file (and not to
/// the current folder), and a byte order mark is skipped.
package struct OptionFile: Sendable {
    /// The option file itself.
    package let path: String
    /// The absolute paths of all files read, each once, in the order in which they were read first.
    package let files: [String]

    /// All options of all groups in the order in which the server sees them.
    let entries: [Entry]
    private let contents: [String: [UInt8]]

    /// Reads an option file and what it includes.
    package init(path: String) throws {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        var reader = OptionFileReader()
        try reader.read(file: path, requestedBy: nil)
        self.init(path: path, reader: reader)
    }

    /// Reads an option file whose text is at hand; what it includes is looked for beside `path`.
    package init(text: String, path: String) throws {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        var reader = OptionFileReader()
        try reader.read(Array(text.utf8), of: path)
        self.init(path: path, reader: reader)
    }

    private init(path: String, reader: OptionFileReader) {
        self.path = path
        self.files = reader.files
        self.entries = reader.entries
        self.contents = reader.contents
    }

    /// The bytes of one of ``files``, as they were when the options were read.
    package func bytes(of file: String) -> [UInt8]? { self.contents[file] }

    /// The text of one of ``files``; bytes that are not UTF-8 are replaced, so a copy is better made of ``bytes(of:)``.
    package func text(of file: String) -> String? {
        self.contents[file].map { String(decoding: $0, as: UTF8.self) }
    }

    /// What the groups say about an option; nil if they do not name it.
    ///
    /// The last one in the order of appearance wins, whatever the order of `groups`. Dashes and underscores are equal,
    /// `loose-` means nothing here, and `skip-`, `disable-` and `enable-` forms answer for the option they switch.
    package func value(of key: String, in groups: [String]) -> OptionValue? {
        let name = OptionName(key)
        let groups = Set(groups.map { $0.lowercased() })
        for entry in self.entries.reversed() where groups.contains(entry.group) {
            if let value = entry.meaning(for: name) { return value }
        }
        return nil
    }

    /// The options of a group in the order of appearance, each with the file and the line that it stands on.
    ///
    /// Keys are written with underscores and without `loose_`; the value is nil where there is no `=`.
    package func options(in group: String) -> [(key: String, value: String?, file: String, line: Int)] {
        self.entries.filter { $0.group == group.lowercased() }
            .map { (OptionName($0.key).text, $0.value, $0.file, $0.line) }
    }

    /// The groups that a server of this flavour and version reads.
    package static func serverGroups(mariadb: Bool, version: (Int, Int)) -> [String] {
        let version = "\(version.0).\(version.1)"
        let common = ["mysqld", "server", "mysqld-\(version)"]
        guard mariadb else { return common }
        // The last two belong to MariaDB as well: options shared with clients, and builds with Galera (all of Debian's).
        return common + ["mariadb", "mariadb-\(version)", "mariadbd", "mariadbd-\(version)", "client-server", "galera"]
    }
}

extension OptionFile {
    /// An option where it stands.
    struct Entry: Sendable {
        /// The group in lower case: the server does not tell `[mysqld]` from `[MYSQLD]`.
        let group: String
        /// The key as it is written, `loose-` included.
        let key: String
        /// The value, if the line has a `=`.
        let value: String?
        /// The file and the line.
        let file: String
        let line: Int

        /// What this entry says about an option; nil if it speaks of another.
        func meaning(for name: OptionName) -> OptionValue? {
            let own = OptionName(self.key)
            if own == name { return self.value.map { .value($0) } ?? .flag }
            guard let (form, base) = own.switched, base == name else { return nil }
            // To the server `skip-x=0` is a double negation, and so is `enable-x=0` a disabling.
            return (form == .off) == (self.value == "0") ? .flag : .disabled
        }
    }
}
