import Failures
import Glibc

/// A socket of this process that listens, on a TCP port of this machine or at a path, until it is closed.
package final class ListeningSocket: Sendable {
    private let descriptor: Int32
    /// The TCP port; 0 for a socket at a path.
    package let port: UInt16

    /// Listens on a TCP port that was free.
    package init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 5) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isListening else { throw Failure.file("listen on", "a TCP port", errno: errno) }
        self.descriptor = descriptor
        self.port = address.sin_port.bigEndian
    }

    /// Listens at a path.
    package init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(descriptor, 5) == 0
            }
        }
        guard isListening else { throw Failure.file("listen at", path, errno: errno) }
        self.descriptor = descriptor
        self.port = 0
    }

    /// Stops listening; a socket's file stays, and nobody listens there any more.
    package func close() { _ = shutdown(self.descriptor, Int32(SHUT_RDWR)) }

    deinit { _ = Glibc.close(self.descriptor) }

    /// A TCP port of this machine that nothing listens on.
    package static func freePort() throws -> UInt16 { try ListeningSocket().port }

    /// A free TCP port below those that the system gives out by itself, so that no connection takes it meanwhile.
    package static func stablePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 12_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { _ = Glibc.close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        throw Failure(.internal, "There is no free port")
    }
}
