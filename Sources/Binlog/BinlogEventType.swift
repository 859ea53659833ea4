/// The type byte of an event's header.
///
/// The numbers are those of MySQL's `Log_event_type` (up to 42 in 9.7) and MariaDB's (160 to 172).
package struct BinlogEventType: RawRepresentable, Sendable, Hashable {
    /// The byte in the header.
    package let rawValue: UInt8

    /// Wraps a type byte, known or not.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A statement, also BEGIN and COMMIT.
    package static let query = BinlogEventType(rawValue: 2)
    /// The server was shut down.
    package static let stop = BinlogEventType(rawValue: 3)
    /// The log goes on in another file.
    package static let rotate = BinlogEventType(rawValue: 4)
    /// The first event of every file.
    package static let formatDescription = BinlogEventType(rawValue: 15)
    /// The commit of a transactional engine.
    package static let xid = BinlogEventType(rawValue: 16)
    /// A sign of life on an idle replication connection; never in a file.
    package static let heartbeat = BinlogEventType(rawValue: 27)
    /// MySQL: the start of a transaction with a GTID.
    package static let gtid = BinlogEventType(rawValue: 33)
    /// MySQL: the start of a transaction without a GTID.
    package static let anonymousGTID = BinlogEventType(rawValue: 34)
    /// MySQL: all GTIDs of the files before this one.
    package static let previousGTIDs = BinlogEventType(rawValue: 35)
    /// MySQL: a compressed transaction's events.
    package static let transactionPayload = BinlogEventType(rawValue: 40)
    /// MySQL: a heartbeat for positions beyond 4 GiB; never in a file.
    package static let heartbeatV2 = BinlogEventType(rawValue: 41)
    /// MySQL 8.3 and later: the start of a transaction with a tagged GTID.
    package static let gtidTagged = BinlogEventType(rawValue: 42)
    /// MariaDB: the text of the statement that the row events come from.
    package static let mariadbAnnotateRows = BinlogEventType(rawValue: 160)
    /// MariaDB: the oldest file that crash recovery needs.
    package static let mariadbBinlogCheckpoint = BinlogEventType(rawValue: 161)
    /// MariaDB: the start of a transaction.
    package static let mariadbGTID = BinlogEventType(rawValue: 162)
    /// MariaDB: the last GTIDs of the files before this one.
    package static let mariadbGTIDList = BinlogEventType(rawValue: 163)
    /// MariaDB: what follows in the file is encrypted.
    package static let mariadbStartEncryption = BinlogEventType(rawValue: 164)

    /// Whether this program knows what the type means; an unknown one might, say, start a transaction.
    package var isKnown: Bool { (1...42).contains(self.rawValue) || (160...172).contains(self.rawValue) }

    /// Whether the event belongs to the file or connection, and not to a transaction.
    package var isFraming: Bool {
        switch self {
        case .formatDescription, .rotate, .stop, .previousGTIDs, .mariadbGTIDList, .mariadbBinlogCheckpoint,
            .mariadbStartEncryption, .heartbeat, .heartbeatV2:
            true
        default: false
        }
    }

    /// Whether the event is a heartbeat of either kind.
    package var isHeartbeat: Bool { self == .heartbeat || self == .heartbeatV2 }
}
