import Failures
import Foundation

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
    var stage: Stage
    let started: Date
    /// Where an earlier data directory was moved to.
    var movedAside: String?
    /// What the data held when the server first started on it.
    var dataSet: String?
    var temporaryServerId: UInt32

    /// Whether what lies in the data directory is the unfinished work of this run, and not the user's own.
    var leftUnfinishedData: Bool {
        guard self.stage == .place || self.stage == .replay else { return false }
        return self.movedAside.map { FileManager.default.fileExists(atPath: $0) } ?? true
    }

    static func path(_ workFolder: String) -> String { "\(workFolder)/journal.json" }

    /// The journal of an interrupted restore; nil when there is none.
    ///
    /// - Throws: `Failure` of class `unusable` when it cannot be read.
    static func read(_ workFolder: String) throws -> Journal? {
        guard let data = FileManager.default.contents(atPath: self.path(workFolder)) else { return nil }
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            return try decoder.decode(Journal.self, from: data)
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
}
