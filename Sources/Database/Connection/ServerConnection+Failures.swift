import CMariaDB
import Failures

/// The server's and the client library's errors, put for the person who must act on them.
extension ServerConnection {
    private var lastError: (number: Int32, words: String) {
        (Int32(bitPattern: mysql_errno(self.handle.pointer)), String(cString: mysql_error(self.handle.pointer)))
    }

    func connectFailure() -> Failure {
        let (number, words) = self.lastError
        let login = "\(self.endpoint.address) as '\(self.endpoint.user)'"
        let cause = "\(words) (\(number))"
        // The library has one number for sockets and TCP.
        let isTCP = if case .tcp = self.endpoint.address { true } else { false }
        switch number {
        case ER_ACCESS_DENIED_ERROR, 1698:
            return Failure(
                .database,
                "the server at \(login) refused the login",
                cause: cause,
                hint: "check the user and the password file in the configuration"
            )
        case Int32(CR_CONNECTION_ERROR) where !isTCP, Int32(CR_SERVER_LOST) where !isTCP:
            return Failure(
                .database,
                "no server answers at \(login)",
                cause: cause,
                hint: "is the server running, and is instance.socket its socket (SELECT @@socket)?"
            )
        case Int32(CR_CONNECTION_ERROR), Int32(CR_CONN_HOST_ERROR), Int32(CR_UNKNOWN_HOST), Int32(CR_SERVER_LOST):
            return Failure(
                .database,
                "no server answers at \(login)",
                cause: cause,
                hint: "check host, port and firewall, and that the server listens on that address"
            )
        default:
            return Failure(
                .database,
                "cannot connect to \(login)",
                cause: cause,
                hint: "try the same login with the server's own client"
            )
        }
    }

    func statementFailure(_ purpose: String?) -> Failure {
        let (number, words) = self.lastError
        return Failure(
            .database,
            "\(purpose ?? "a statement") failed at \(self.endpoint.address)",
            cause: "\(words) (\(number))",
            hint: Self.hint(for: number, user: self.endpoint.user)
        )
    }

    private static func hint(for number: Int32, user: String) -> String? {
        switch number {
        case ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR:
            "grant '\(user)' the privilege that the server names"
        case Int32(CR_SERVER_GONE_ERROR), Int32(CR_SERVER_LOST):
            "the connection broke: look into the server's error log"
        default: nil
        }
    }
}
