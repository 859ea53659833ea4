import Database
import Failures
import GTID

/// A server version with what its statements and options are called.
struct Words: Sendable, CustomStringConvertible {
    let version: ServerVersion
    /// REPLICA or SLAVE.
    let replica: String
    /// What changes a channel.
    let change: String
    /// SOURCE or MASTER.
    let source: String
    /// What system variables begin with: `replica` or `slave`.
    let option: String
    /// Whether a channel is told to ask for the source's public key.
    let asksForKey: Bool
    /// Whether there are persisted variables to be left unread.
    let persists: Bool

    var description: String { self.version.text }

    private init(
        _ version: (Int, Int, Int),
        _ replica: String,
        _ change: String,
        _ source: String,
        _ option: String,
        asksForKey: Bool = true,
        persists: Bool = true
    ) {
        self.version = ServerVersion(flavor: .mysql, version.0, version.1, version.2)
        self.replica = replica
        self.change = change
        self.source = source
        self.option = option
        self.asksForKey = asksForKey
        self.persists = persists
    }

    /// Where MySQL's words change: REPLICA with 8.0.22, SOURCE with 8.0.23, replica_… with 8.0.26.
    static let mysql = [
        Words((5, 7, 44), "SLAVE", "CHANGE MASTER TO", "MASTER", "slave", asksForKey: false, persists: false),
        Words((8, 0, 17), "SLAVE", "CHANGE MASTER TO", "MASTER", "slave"),
        Words((8, 0, 21), "SLAVE", "CHANGE MASTER TO", "MASTER", "slave"),
        Words((8, 0, 22), "REPLICA", "CHANGE MASTER TO", "MASTER", "slave"),
        Words((8, 0, 23), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "slave"),
        Words((8, 0, 25), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "slave"),
        Words((8, 0, 26), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "replica"),
        Words((8, 4, 0), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "replica"),
        Words((9, 7, 4), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "replica"),
        Words((26, 7, 0), "REPLICA", "CHANGE REPLICATION SOURCE TO", "SOURCE", "replica"),
    ]

    static let mariadb = [(10, 5, 29), (10, 11, 19), (11, 4, 2)].map { major, minor, patch in
        ServerVersion(flavor: .mariadb, major, minor, patch, text: "\(major).\(minor).\(patch)-MariaDB-log")
    }

    static let all = Self.mysql.map(\.version) + Self.mariadb
}

/// A source whose every text needs quoting.
let hostileSource = ChannelSource(
    channel: "it's",
    host: "db'1\\",
    port: 3307,
    user: "re\\pl",
    password: Secret("pa'ss\\'; DROP TABLE x; -- ")
)
