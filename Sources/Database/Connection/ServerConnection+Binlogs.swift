import CMariaDB
import Failures

extension ServerConnection {
    /// Whether a dump goes on after a packet.
    package enum DumpStep: Sendable {
        case `continue`
        case stop
    }

    /// Reads binary logs over the replication protocol, from a place in a file to the end of the last one.
    ///
    /// Packets are read raw, not through the library's event decoder, so that event types which it does not know
    /// (Transaction_payload, tagged GTIDs) pass unchanged. COM_BINLOG_DUMP is sent with BINLOG_DUMP_NON_BLOCK, so the
    /// dump ends where the server's last file ends. (MySQL internals, COM_BINLOG_DUMP; MariaDB documentation,
    /// "Replication protocol".)
    ///
    /// - Parameters:
    ///   - file: the first file's name; empty for the oldest that the server has.
    ///   - position: where in it an event begins.
    ///   - serverID: the id to appear under. No other replica may use it: the server ends the older of two.
    ///   - dialect: the server's, for what must be said first.
    ///   - state: what the step works on; it comes back when the dump ends.
    ///   - step: called with each event, its bytes valid only during the call.
    /// - Throws: ``Failure`` of class `database`; what the step throws; `CancellationError`.
    package func dumpBinlogs<State: Sendable>(
        from file: String,
        at position: UInt32 = 4,
        serverID: UInt32,
        dialect: any Dialect,
        state: State,
        step: @Sendable (inout State, UnsafeRawBufferPointer) throws -> DumpStep
    ) async throws -> State {
        for statement in dialect.dumpPreparation {
            try await self.query(statement, purpose: "preparing to read binary logs")
        }
        do {
            return try await withTaskCancellationHandler {
                try self.dump(
                    from: file,
                    at: position,
                    serverID: serverID,
                    flags: dialect.dumpFlags,
                    state: state,
                    step: step
                )
            } onCancel: {
                self.handle.interrupt()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    private func dump<State>(
        from file: String,
        at position: UInt32,
        serverID: UInt32,
        flags: UInt32,
        state: State,
        step: (inout State, UnsafeRawBufferPointer) throws -> DumpStep
    ) throws -> State {
        guard let replication = mariadb_rpl_init_ex(self.handle.pointer, UInt32(MARIADB_RPL_VERSION)) else {
            throw Failure(.internal, "libmariadb could not prepare to read binary logs", cause: "out of memory")
        }
        defer { mariadb_rpl_close(replication) }
        _ = file.withCString { dorsal_rpl_set_file(replication, $0, file.utf8.count) }
        _ = dorsal_rpl_set_start(replication, UInt(position))
        _ = dorsal_rpl_set_server_id(replication, serverID)
        _ = dorsal_rpl_set_flags(replication, flags)
        guard mariadb_rpl_open(replication) == 0 else { throw self.statementFailure("reading binary logs") }
        var state = state
        while let packet = try self.nextPacket() {
            guard try step(&state, packet) == .continue else { break }
        }
        return state
    }

    /// The next event, or nil at the end of the last file.
    private func nextPacket() throws -> UnsafeRawBufferPointer? {
        let length = mysql_net_read_packet(self.handle.pointer)
        // The library's packet_error is -1 as an unsigned int.
        guard length < UInt(UInt32.max), length > 0, let bytes = dorsal_packet(self.handle.pointer) else {
            throw self.statementFailure("reading binary logs")
        }
        switch bytes[0] {
        case 0: return UnsafeRawBufferPointer(start: bytes + 1, count: Int(length) - 1)
        case 254 where length < 9: return nil
        default: throw self.dumpError(UnsafeRawBufferPointer(start: bytes, count: Int(length)))
        }
    }

    /// An error packet: 255, the number in two bytes, `#` and five characters of SQL state, the words.
    private func dumpError(_ packet: UnsafeRawBufferPointer) -> Failure {
        guard packet.count >= 3, packet[0] == 255 else {
            return Failure(
                .integrity,
                "an unknown packet came while reading binary logs from \(self.endpoint.address)",
                cause: "first byte \(packet[0]), \(packet.count) bytes"
            )
        }
        let number = Int(packet[1]) | Int(packet[2]) << 8
        let start = packet.count > 9 && packet[3] == UInt8(ascii: "#") ? 9 : 3
        return Failure(
            number == ER_MASTER_FATAL_ERROR_READING_BINLOG ? .gap : .database,
            "reading binary logs failed at \(self.endpoint.address)",
            cause: "\(String(decoding: packet[start...], as: UTF8.self)) (\(number))",
            hint: "grant REPLICATION SLAVE to '\(self.endpoint.user)'; were binary logs purged meanwhile?"
        )
    }
}
