import CMariaDB
import Failures
import Glibc

/// One connection to a MySQL or MariaDB server, through libmariadb.
///
/// The library's calls block, so they run on a queue of the connection's own. Cancelling the task that waits for a
/// statement shuts the connection's socket down, which ends the call with an error.
package actor ServerConnection {
    private let executor = QueueExecutor(label: "dorsal.connection")
    /// Runs this actor's blocking calls off the cooperative pool.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    package nonisolated let endpoint: Endpoint
    let handle: Handle

    private init(_ endpoint: Endpoint, handle: Handle) {
        self.endpoint = endpoint
        self.handle = handle
    }

    /// Connects, runs the closure, and closes the connection on every path.
    ///
    /// - Throws: ``Failure`` of class `database` when the server cannot be reached or refuses the login; what the
    ///   closure throws.
    package static func with<Result: Sendable>(
        _ endpoint: Endpoint,
        body: (ServerConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await Self.open(endpoint)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func open(_ endpoint: Endpoint) async throws -> ServerConnection {
        try Task.checkCancellation()
        guard let pointer = mysql_init(nil) else {
            throw Failure(.internal, "libmariadb could not make a connection", cause: "out of memory")
        }
        let connection = ServerConnection(endpoint, handle: Handle(pointer))
        do {
            try await connection.connect()
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    private func connect() throws {
        self.setOptions()
        let (host, port, socket): (String?, UInt32, String?) =
            switch self.endpoint.address {
            case .socket(let path): (nil, 0, path)
            case .tcp(let host, let port): (host, UInt32(port), nil)
            }
        let connected = mysql_real_connect(
            self.handle.pointer,
            host,
            self.endpoint.user,
            self.endpoint.password?.reveal(),
            nil,
            port,
            socket,
            0
        )
        guard connected != nil else { throw self.connectFailure() }
        self.handle.rememberSocket()
        // Whatever the server's default is: our literals double backslashes, and our statements are standard ones.
        _ = try self.runStatement("SET SESSION sql_mode = ''", purpose: "preparing the connection")
    }

    private func setOptions() {
        var connectSeconds = self.endpoint.connectSeconds
        mysql_options(self.handle.pointer, MYSQL_OPT_CONNECT_TIMEOUT, &connectSeconds)
        if var silence = self.endpoint.silenceSeconds {
            mysql_options(self.handle.pointer, MYSQL_OPT_READ_TIMEOUT, &silence)
            mysql_options(self.handle.pointer, MYSQL_OPT_WRITE_TIMEOUT, &silence)
        }
        // An event may be as large as the server allows, which is 1 GiB at the most.
        var packet: UInt = 1 << 30
        mysql_options(self.handle.pointer, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet)
        mysql_options(self.handle.pointer, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        if case .tcp = self.endpoint.address {
            var tcp = MYSQL_PROTOCOL_TCP.rawValue
            mysql_options(self.handle.pointer, MYSQL_OPT_PROTOCOL, &tcp)
        }
    }

    private func close() {
        self.handle.close()
    }
}

extension ServerConnection {
    /// Runs a statement and returns its rows, none for a statement that gives no result.
    ///
    /// - Parameter purpose: what the statement is for, as it stands in the failure's message; never the statement
    ///   itself, which may hold a password.
    /// - Throws: ``Failure`` of class `database` with the server's words.
    @discardableResult
    package func query(_ statement: String, purpose: String? = nil) async throws -> [Row] {
        try Task.checkCancellation()
        do {
            return try await withTaskCancellationHandler {
                try self.runStatement(statement, purpose: purpose)
            } onCancel: {
                self.handle.interrupt()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    /// Runs a statement and returns the first column of its first row, or nil.
    package func value(_ statement: String, purpose: String? = nil) async throws -> String? {
        try await self.query(statement, purpose: purpose).first?.first
    }

    /// Runs a statement that must be said although the task was cancelled, such as KILL; its rows are thrown away.
    package func queryEvenIfCancelled(_ statement: String) throws {
        _ = try self.runStatement(statement, purpose: nil)
    }

    /// The server's id of this connection, for KILL.
    package func threadID() -> UInt { UInt(mysql_thread_id(self.handle.pointer)) }

    private func runStatement(_ statement: String, purpose: String?) throws -> [Row] {
        let pointer = self.handle.pointer
        guard mysql_real_query(pointer, statement, UInt(statement.utf8.count)) == 0 else {
            throw self.statementFailure(purpose)
        }
        guard let result = mysql_store_result(pointer) else {
            guard mysql_field_count(pointer) == 0 else { throw self.statementFailure(purpose) }
            return []
        }
        defer { mysql_free_result(result) }
        return Row.all(of: result)
    }
}
