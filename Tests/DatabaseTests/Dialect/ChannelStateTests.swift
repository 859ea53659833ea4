import Database
import Testing

@Suite("States of replication channels")
struct ChannelStateTests {
    /// A row of SHOW REPLICA STATUS with the words that a server uses in it.
    private func row(
        _ replica: String,
        _ source: String,
        channel: String,
        changing: [String: String?] = [:]
    ) -> Row {
        var values: [(String, String?)] = [
            ("\(replica)_IO_State", "Waiting for source to send event"),
            ("\(source)_Host", "db2"), ("\(source)_User", "repl"), ("\(source)_Port", "3307"),
            ("Read_\(source)_Log_Pos", "900"), ("Relay_Log_File", "relay.000002"), ("Relay_Log_Pos", "400"),
            ("\(replica)_IO_Running", "Yes"), ("\(replica)_SQL_Running", "Yes"),
            ("Exec_\(source)_Log_Pos", "800"), ("Relay_Log_Space", "1200"),
            ("Seconds_Behind_\(source)", "7"), ("Last_IO_Errno", "0"), ("Last_IO_Error", ""),
            ("Last_SQL_Errno", "0"), ("Last_SQL_Error", ""), (channel, "source-2"),
        ]
        for (name, value) in changing {
            for index in values.indices where values[index].0 == name { values[index].1 = value }
        }
        return Row(columns: values.map(\.0), values: values.map(\.1))
    }

    /// Each form that servers answer in: MySQL's old and new one, and MariaDB's.
    private static let forms = [
        ["Slave", "Master", "Channel_Name"], ["Replica", "Source", "Channel_Name"],
        ["Slave", "Master", "Connection_name"],
    ]

    @Test("Every form of answer says the same", arguments: forms)
    func everyForm(_ form: [String]) {
        let state = ChannelState(self.row(form[0], form[1], channel: form[2]))
        #expect(state.name == "source-2")
        #expect(state.host == "db2")
        #expect(state.port == 3307)
        #expect(state.user == "repl")
        #expect(state.isReceiving)
        #expect(state.isApplying)
        #expect(state.secondsBehind == 7)
        #expect(state.receiverError == nil)
        #expect(state.applierError == nil)
        #expect(state.progress == "relay.000002/400/800/900/1200")
    }

    @Test("Errors of both threads, and nothing behind when that is unknown", arguments: forms)
    func errors(_ form: [String]) {
        let row = self.row(
            form[0],
            form[1],
            channel: form[2],
            changing: [
                "\(form[0])_IO_Running": "Connecting", "\(form[0])_SQL_Running": "No",
                "Seconds_Behind_\(form[1])": nil,
                "Last_IO_Errno": "1236", "Last_IO_Error": "purged binary logs",
                "Last_SQL_Errno": "1062", "Last_SQL_Error": "Duplicate entry",
            ]
        )
        let state = ChannelState(row)
        #expect(!state.isReceiving)
        #expect(!state.isApplying)
        #expect(state.secondsBehind == nil)
        #expect(state.receiverError?.number == 1236)
        #expect(state.receiverError?.words == "purged binary logs")
        #expect(state.applierError?.description == "Duplicate entry (1062)")
    }

    @Test(
        "Whatever moves counts as progress",
        arguments: ["Relay_Log_File", "Relay_Log_Pos", "Exec_Source_Log_Pos", "Read_Source_Log_Pos", "Relay_Log_Space"]
    )
    func progress(_ column: String) {
        let before = ChannelState(self.row("Replica", "Source", channel: "Channel_Name"))
        let after = ChannelState(self.row("Replica", "Source", channel: "Channel_Name", changing: [column: "5"]))
        #expect(before.progress != after.progress)
    }

    @Test("A row without anything known is a channel that does nothing")
    func empty() {
        let state = ChannelState(Row(columns: ["Channel_Name"], values: [nil]))
        #expect(state.name == "")
        #expect(state.port == 3306)
        #expect(state.received == "")
        #expect(!state.isReceiving)
        #expect(!state.isApplying)
        #expect(state.applierError == nil)
    }

    @Test("What was received, under either server's name", arguments: ["Retrieved_Gtid_Set", "Gtid_IO_Pos"])
    func received(_ column: String) {
        #expect(ChannelState(Row(columns: [column], values: ["0-2-7"])).received == "0-2-7")
    }

    @Test("Columns are found by any of their names, whatever their case")
    func columns() {
        let row = Row(columns: ["a", "B", "c"], values: ["1", nil, "3"])
        #expect(row.first == "1")
        #expect(row["A"] == "1")
        #expect(row["b"] == nil)
        #expect(row["none", "C"] == "3")
        #expect(row["none"] == nil)
        #expect(Row(columns: [], values: []).first == nil)
    }
}
