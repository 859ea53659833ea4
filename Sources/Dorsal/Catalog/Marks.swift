import Failures
import Foundation
import Storage

/// What reading a backup back found, as it stands beside the manifest in `verified.json`.
///
/// Like all marks it is JSON, keys in snake_case, to which fields are only ever added. The manifest never changes.
struct VerifiedMark: Codable, Sendable, Equatable {
    static let name = "verified.json"

    /// What is known of the copy; of one that could never be read it is nothing.
    enum Result: String, Codable { case ok, damaged, unknown }

    var version = 1
    let finished: Date
    let result: Result
    /// What is damaged.
    var problem: String?
    /// When it could not be read, after what the other fields tell of.
    var attempted: Date?

    /// When it was last tried to read it back.
    var latest: Date { max(self.finished, self.attempted ?? .distantPast) }

    /// That the copy could not be read now; what was known of it before stays.
    static func attempt(after earlier: VerifiedMark?, now: Date = Date()) -> VerifiedMark {
        var mark = earlier ?? VerifiedMark(finished: now, result: .unknown)
        mark.attempted = now
        return mark
    }
}

/// That a backup is to be kept whatever the rules of retention say, as it stands beside the manifest in `keep.json`.
struct KeepMark: Codable, Sendable, Equatable {
    static let name = "keep.json"

    var version = 1
    /// Who wants it kept: a user's name and a machine's.
    var by: String?
    var since: Date?
    var note: String?
}

extension BackupPlace {
    /// No mark is longer than this, in bytes.
    private static let markLimit: Int64 = 64 << 10

    /// Reads a mark that the listing of objects has; nil when it is gone meanwhile.
    ///
    /// - Throws: `Failure` of class `integrity` when it cannot be made out.
    func mark<Mark: Decodable>(_ type: Mark.Type, _ id: BackupID, _ name: String) async throws -> Mark? {
        let key = self.key(id, name)
        guard try await self.store.head(key) != nil else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(type, from: Data(try await self.store.read(key, 0..<Self.markLimit)))
        } catch let error as DecodingError {
            throw Failure(.integrity, "the mark \(self.address(id, name)) is damaged", cause: "\(error)")
        }
    }

    /// Puts a mark, in place of an earlier one, beside a manifest that is there.
    ///
    /// - Throws: `Failure` of class `usage` when the backup was removed meanwhile.
    func put(_ mark: some Encodable, _ id: BackupID, _ name: String) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        let bytes = Array(try encoder.encode(mark)) + [UInt8(ascii: "\n")]
        try await self.requireManifest(id)
        try await self.store.put(bytes, self.key(id, name))
        do {
            try await self.requireManifest(id)
        } catch {
            await self.store.discard(self.key(id, name))
            throw error
        }
    }

    private func requireManifest(_ id: BackupID) async throws {
        guard try await self.store.head(self.key(id, Self.manifestName)) == nil else { return }
        throw Failure(
            .usage,
            "backup \(id) is no longer in \(self.store.name)",
            hint: "dorsal list shows what there is"
        )
    }
}
