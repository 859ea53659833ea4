/// What a server says of one replication channel.
package struct ChannelState: Sendable, Equatable {
    package let name: String
    package let host: String
    package let port: UInt16
    package let user: String
    /// Whether the receiver is connected to the source.
    package let isReceiving: Bool
    package let isApplying: Bool
    package let secondsBehind: Int?
    package let receiverError: ServerError?
    package let applierError: ServerError?
    /// The GTIDs that were received, as the server writes them: all in its relay logs, or MariaDB's last position.
    package let received: String
    /// Whether the channel has received something that it cannot name by GTID, as MariaDB's without GTIDs do.
    package let hidesReceived: Bool
    /// Whether the applier says that it has read everything that was received.
    package let hasReadAll: Bool
    /// Changes whenever the channel has got on.
    package let progress: String

    /// An error's number and words, as replication threads report them.
    package struct ServerError: Sendable, Equatable, CustomStringConvertible {
        package let number: Int
        package let words: String
        package var description: String { "\(self.words) (\(self.number))" }
    }

    /// Reads a row of SHOW REPLICA STATUS, SHOW SLAVE STATUS or SHOW ALL SLAVES STATUS.
    package init(_ row: Row) {
        self.name = row["Channel_Name", "Connection_name"] ?? ""
        self.host = row["Source_Host", "Master_Host"] ?? ""
        self.port = row["Source_Port", "Master_Port"].flatMap(UInt16.init) ?? 3306
        self.user = row["Source_User", "Master_User"] ?? ""
        self.isReceiving = row["Replica_IO_Running", "Slave_IO_Running"] == "Yes"
        self.isApplying = row["Replica_SQL_Running", "Slave_SQL_Running"] == "Yes"
        self.secondsBehind = row["Seconds_Behind_Source", "Seconds_Behind_Master"].flatMap { Int($0) }
        self.receiverError = Self.error(row["Last_IO_Errno"], row["Last_IO_Error"])
        self.applierError = Self.error(row["Last_SQL_Errno"], row["Last_SQL_Error"])
        self.received = row["Retrieved_Gtid_Set", "Gtid_IO_Pos"] ?? ""
        let read = (row["Master_Log_File"], row["Read_Master_Log_Pos"])
        let applied = (row["Relay_Master_Log_File"], row["Exec_Master_Log_Pos"])
        self.hidesReceived = row["Using_Gtid"] == "No" && read != applied
        self.hasReadAll =
            row["Slave_SQL_State", "Replica_SQL_Running_State", "Slave_SQL_Running_State"]?
            .contains("has read all relay log") ?? false
        self.progress = [
            row["Relay_Log_File"], row["Relay_Log_Pos"], row["Exec_Source_Log_Pos", "Exec_Master_Log_Pos"],
            row["Read_Source_Log_Pos", "Read_Master_Log_Pos"], row["Relay_Log_Space"],
        ].map { $0 ?? "" }.joined(separator: "/")
    }

    private static func error(_ number: String?, _ words: String?) -> ServerError? {
        guard let number = number.flatMap({ Int($0) }), number != 0 else { return nil }
        return ServerError(number: number, words: words ?? "")
    }
}

extension ServerConnection {
    /// The states of all channels.
    package func channels(_ dialect: any Dialect) async throws -> [ChannelState] {
        try await self.query(dialect.channelStatus, purpose: "reading the replication state").map(ChannelState.init)
    }
}
