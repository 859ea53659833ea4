package import Foundation
import Glibc

/// Who holds a lock, as it stands in the lock's file.
package struct LockOwner: Codable, Sendable, Equatable {
    /// The name of the machine.
    package var host: String
    /// The process on that machine.
    package var pid: Int32
    /// When the lock was taken.
    package var startedAt: Date
    /// What the process does, in the caller's words.
    package var command: String
    /// What tells this holder from any other, where the lock needs it.
    package var nonce: String?

    /// The holder for people.
    package var text: String { "process \(self.pid) on \(self.host) since \(self.startedAt.ISO8601Format())" }

    /// This process, from now on.
    package static func current(command: String, nonce: String? = nil) -> LockOwner {
        // Whole seconds, as they are written.
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        return LockOwner(host: self.hostName, pid: getpid(), startedAt: now, command: command, nonce: nonce)
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The content of a lock's file.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads the content of a lock's file; nil when it is none.
    init?(decoding bytes: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let owner = try? decoder.decode(LockOwner.self, from: Data(bytes)) else { return nil }
        self = owner
    }

    init(host: String, pid: Int32, startedAt: Date, command: String, nonce: String? = nil) {
        self.host = host
        self.pid = pid
        self.startedAt = startedAt
        self.command = command
        self.nonce = nonce
    }
}
