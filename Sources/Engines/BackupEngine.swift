package import Database
package import GTID

/// The kinds of engines, as configuration and manifests name them.
package enum EngineKind: String, Codable, Sendable, CaseIterable {
    case xtrabackup
    case mariabackup
    case clone
}

/// Takes a physical copy of a running server's data, and makes such a copy ready for a server to start on.
package protocol BackupEngine: Sendable {
    var kind: EngineKind { get }
    /// Privileges that the copy needs, as SHOW GRANTS names them.
    var privileges: [String] { get }

    /// Everything of this engine that can fail early: the tool and its version, the engines of the user's tables.
    ///
    /// - Throws: `Failure` of class `database` or `unusable` with the remedy.
    func preflight(_ connection: ServerConnection, _ facts: ServerFacts) async throws

    /// Looks at the same as ``preflight(_:_:)``, and changes nothing on the server.
    ///
    /// - Returns: what would make the copy, in words for people.
    /// - Throws: `Failure` as ``preflight(_:_:)`` does.
    func examine(_ connection: ServerConnection, _ facts: ServerFacts) async throws -> String

    /// Copies the data while the server runs.
    ///
    /// - Throws: `Failure`; nothing is to be kept of the copy then.
    func snapshot(_ request: SnapshotRequest) async throws -> DataSnapshot

    /// Makes an unpacked copy consistent, in place, so that a server can start on it.
    ///
    /// - Parameter memory: bytes that the work may use.
    func prepare(directory: String, memory: Int64) async throws
}

/// What an engine needs to know to copy a server's data.
package struct SnapshotRequest: Sendable {
    package let endpoint: Endpoint
    package let facts: ServerFacts
    /// The server's option file.
    package let optionFile: String?
    /// A folder of this run's own; the copy goes below it.
    package let folder: String
    /// The user that the server runs as.
    package let osUser: String
    /// Whether a tool that copies lets others go first; a server that copies itself cannot.
    package let isLowPriority: Bool

    package init(
        endpoint: Endpoint,
        facts: ServerFacts,
        optionFile: String?,
        folder: String,
        osUser: String,
        isLowPriority: Bool = false
    ) {
        self.endpoint = endpoint
        self.facts = facts
        self.optionFile = optionFile
        self.folder = folder
        self.osUser = osUser
        self.isLowPriority = isLowPriority
    }
}

/// A copy of a server's data and the point in history that it stands at.
package struct DataSnapshot: Sendable, Equatable {
    /// The folder of the copy.
    package let directory: String
    package let boundary: DataBoundary
    /// The name and version of what made it.
    package let tool: String
}

/// The point in history that a copy stands at.
///
/// It is exact when both sets are equal. A clone's exact boundary shows only when a server starts on it; it lies
/// between the two.
package struct DataBoundary: Sendable, Equatable, Codable {
    /// What the data holds at the least.
    package let lower: GTIDSet
    /// What the data holds at the most.
    package let upper: GTIDSet
    /// The binary log and the position in it, where the engine tells them.
    package let binlogFile: String?
    package let binlogPosition: UInt64?

    package init(lower: GTIDSet, upper: GTIDSet, binlogFile: String? = nil, binlogPosition: UInt64? = nil) {
        self.lower = lower
        self.upper = upper
        self.binlogFile = binlogFile
        self.binlogPosition = binlogPosition
    }

    package var isExact: Bool { self.lower == self.upper }
}
