import Failures
import GTID

/// Keeps the books of one file's events, whether they are read from a file or received.
struct BinlogAccount {
    private let flavor: GTIDFlavor
    private var previous: GTIDSet
    private var gtids: GTIDSet
    private var serverIDs: Set<UInt32> = []
    private var lastServerID: UInt32?
    private var anonymousCount = 0
    private var lastType: BinlogEventType?

    init(flavor: GTIDFlavor) {
        self.flavor = flavor
        self.previous = .empty(flavor)
        self.gtids = .empty(flavor)
    }

    /// Counts the file's next event, whose frame is checked.
    ///
    /// - Throws: `Failure` of class `integrity` when its body is malformed, or of the other kind of server.
    mutating func add(_ event: BinlogEvent) throws {
        switch event.header.type {
        case .gtid: try self.insert(.mysql(MySQLGTID(gtidBody: event.body)))
        case .gtidTagged: try self.insert(.mysql(MySQLGTID(taggedBody: event.body)))
        case .mariadbGTID:
            try self.insert(.mariadb(MariaDBGTID(gtidBody: event.body, server: event.header.serverID)))
        case .previousGTIDs: try self.addPrevious(.mysql(MySQLGTIDSet(previousGTIDsBody: event.body)))
        case .mariadbGTIDList: try self.addPrevious(.mariadb(MariaDBGTIDSet(gtidListBody: event.body)))
        case .anonymousGTID: self.anonymousCount += 1
        default: break
        }
        self.lastType = event.header.type
        // Nearly all events come from the server of the one before, which saves the look-up.
        if !event.header.type.isFraming, event.header.serverID != self.lastServerID {
            self.serverIDs.insert(event.header.serverID)
            self.lastServerID = event.header.serverID
        }
    }

    /// The summary of what was counted so far, for a file of the given name and size in bytes.
    func summary(name: String, size: UInt64, format: FormatDescription) -> BinlogSummary {
        BinlogSummary(
            name: name,
            size: size,
            serverVersion: format.serverVersion,
            checksum: format.checksum,
            previous: self.previous,
            gtids: self.gtids,
            serverIDs: self.serverIDs,
            anonymousCount: self.anonymousCount,
            endsCleanly: self.lastType == .rotate || self.lastType == .stop
        )
    }

    private mutating func insert(_ gtid: GTID) throws {
        try self.check(gtid.flavor)
        self.gtids.insert(gtid)
    }

    private mutating func addPrevious(_ set: GTIDSet) throws {
        try self.check(set.flavor)
        self.previous = self.previous.union(set)
    }

    private func check(_ found: GTIDFlavor) throws {
        guard found == self.flavor else {
            throw Failure(.integrity, "the event's GTIDs are of a \(found) server, and the log of a \(self.flavor) one")
        }
    }
}
