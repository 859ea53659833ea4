import Database
import Failures
import Foundation
import GTID

/// The server's option files, as they go into a package.
struct ConfigFiles {
    /// Names in the package.
    enum Name {
        /// The main option file.
        static let main = "my.cnf"
        /// All effective server options in one file, from which temporary servers get theirs.
        static let effective = "server-options.cnf"
        /// Files that the main one includes, by their absolute paths below this folder.
        static let includes = "includes"
    }

    struct Entry: Sendable {
        let record: Manifest.ConfigFileRecord
        let bytes: [UInt8]
    }

    let entries: [Entry]
    let effective: String
    /// The file where MySQL keeps what SET PERSIST set, if there is one.
    let persisted: [String]

    var records: [Manifest.ConfigFileRecord] { self.entries.map(\.record) }

    /// Reads the main option file and everything that it includes; passwords stay out.
    ///
    /// - Throws: `Failure` of class `usage` when one cannot be read.
    init(_ path: String, _ facts: ServerFacts) throws {
        let file = try OptionFile(path: path)
        let version = facts.version
        let groups = OptionFile.serverGroups(
            mariadb: version.flavor == .mariadb,
            version: (version.major, version.minor)
        )
        self.effective = OptionFile.redacted(text: file.flattened(groups: groups))
        self.persisted = ["\(facts.dataDirectory)/mysqld-auto.cnf"]
            .filter { FileManager.default.fileExists(atPath: $0) }
        self.entries = file.files.enumerated().compactMap { index, path in
            guard let bytes = file.bytes(of: path) else { return nil }
            let name = index == 0 ? Name.main : "\(Name.includes)\(path)"
            return Entry(
                record: Manifest.ConfigFileRecord(path: path, packagePath: name),
                bytes: OptionFile.redacted(bytes)
            )
        }
    }
}
