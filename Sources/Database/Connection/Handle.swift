import CMariaDB
import Glibc
import Synchronization

/// The C connection behind a ``ServerConnection``.
///
/// It crosses isolation in one place only: ``interrupt()``, which touches nothing but the socket's number.
final class Handle: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<MYSQL>
    private let socket = Mutex<Int32?>(nil)

    init(_ pointer: UnsafeMutablePointer<MYSQL>) { self.pointer = pointer }

    func rememberSocket() {
        self.socket.withLock { $0 = Int32(mysql_get_socket(self.pointer)) }
    }

    /// Shuts the socket down, so that a blocked call on another thread returns with an error.
    func interrupt() {
        self.socket.withLock { descriptor in
            if let descriptor { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func close() {
        self.socket.withLock { $0 = nil }
        mysql_close(self.pointer)
    }
}
