import Failures
import Foundation
import GTID

/// Where a restore stands, kept beside its target, so that an interrupted one can be continued from a safe point.
struct Journal: Codable, Sendable, Equatable {
    /// The stages that a second run tells apart.
    ///
    /// Up to the replay nothing of an interrupted run is gone on with: a replay runs without the safeguards against a
    /// crash. From the rejoin on the data directory is complete.
    enum Stage: String, Codable, Sendable {
        case unpack, place, replay, rejoin
    }

    let backup: BackupID
    /// What the marker in the data directory says while its contents are this restore's own.
    var token: String
    var stage: Stage
    let started: Date
    /// Where an earlier data directory is moved, or was.
    var movedAside: String?
    /// What the data held when the server first started on it.
    var dataSet: String?
    /// What data and binary logs hold together.
    var base: String?
    /// The names of the binary logs that came with the backup.
    var binlogs: [String]?
    var temporaryServerId: UInt32

    static func path(_ workFolder: String) -> String { "\(workFolder)/journal.json" }

    /// The journal of an interrupted restore; nil when there is none.
    ///
    /// - Throws: `Failure` of class `unusable` when it cannot be read.
    static func read(_ workFolder: String) throws -> Journal? {
        guard FileManager.default.fileExists(atPath: self.path(workFolder)) else { return nil }
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            return try decoder.decode(Journal.self, from: Data(contentsOf: URL(fileURLWithPath: self.path(workFolder))))
        } catch {
            throw Failure(
                .unusable,
                "the journal of an interrupted restore, \(self.path(workFolder)), cannot be read",
                cause: "\(error)",
                hint: "move \(workFolder) away and run dorsal restore again"
            )
        }
    }

    /// Writes the journal atomically.
    func write(_ workFolder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: Self.path(workFolder)), options: .atomic)
        } catch {
            throw Failure(.storage, "\(Self.path(workFolder)) cannot be written", cause: error.localizedDescription)
        }
    }

    /// What data and binary logs hold together, once that is known.
    func baseSet(_ flavor: GTIDFlavor) throws -> GTIDSet? {
        try self.base.map { try GTIDSet(parsing: $0, flavor: flavor) }
    }
}

/// A file in a data directory that says whose unfinished work it is; anything without it is the user's.
enum UnfinishedMarker {
    private static let name = ".dorsal-unfinished"

    static func path(_ dataDirectory: String) -> String { "\(dataDirectory)/\(self.name)" }

    static func write(_ token: String, _ dataDirectory: String) throws {
        try PrivateFile.replace(token.utf8, at: self.path(dataDirectory), mode: 0o600)
    }

    /// Whether a data directory holds the unfinished work of a journal's restore.
    static func isSet(_ journal: Journal?, _ dataDirectory: String) -> Bool {
        guard let journal, let data = FileManager.default.contents(atPath: self.path(dataDirectory)) else {
            return false
        }
        return String(decoding: data, as: UTF8.self) == journal.token
    }

    static func remove(_ dataDirectory: String) throws { try WorkFolder.removeIfThere(self.path(dataDirectory)) }
}
