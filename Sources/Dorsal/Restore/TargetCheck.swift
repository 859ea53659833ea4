import Database
import Failures
import Foundation
import Glibc
import Processes

/// Whether a server runs on the target, by the signs that it cannot hide.
struct TargetCheck {
    let layout: TargetLayout

    /// Temporary servers that an interrupted restore left running do not count; they are ours to end.
    ///
    /// - Throws: `Failure` of class `unusable` naming the sign; nothing was touched then.
    func refuseRunningServer() throws {
        let path = self.layout.dataDirectory
        guard path.hasPrefix("/"), path != "/" else {
            throw Failure(.usage, "'\(path)' cannot be a data directory", hint: "give an absolute path below /")
        }
        for name in ["ibdata1", "aria_log_control"] {
            if let pid = Self.lockHolder("\(path)/\(name)"), !self.isOurs(pid) {
                throw self.running("process \(pid) holds a lock on \(path)/\(name)")
            }
        }
        if Self.answers(self.layout.socket) {
            throw self.running("a server answers at \(self.layout.socket)")
        }
        if Self.listens(self.layout.port) {
            throw self.running("something listens on port \(self.layout.port)")
        }
    }

    private func running(_ sign: String) -> Failure {
        Failure(
            .unusable,
            "a server is running on the target \(self.layout.dataDirectory); nothing was touched",
            cause: sign,
            hint: "stop it first, or restore elsewhere with --target-dir, --port and --socket"
        )
    }

    private func isOurs(_ pid: Int32) -> Bool {
        TemporaryServer.leftovers(folder: self.layout.serverFolder).contains(pid)
    }

    /// The process that holds a lock on a file, as InnoDB and Aria do on theirs (fcntl(2), F_GETLK).
    static func lockHolder(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return nil }
        return lock.l_pid
    }

    static func answers(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return Self.connects(Int32(AF_UNIX), &address, MemoryLayout<sockaddr_un>.size)
    }

    static func listens(_ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return Self.connects(Int32(AF_INET), &address, MemoryLayout<sockaddr_in>.size)
    }

    private static func connects<Address>(_ family: Int32, _ address: inout Address, _ size: Int) -> Bool {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A server that hangs does not answer, but it is there.
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(size)) }
        }
        return result == 0 || errno == EAGAIN || errno == EINPROGRESS
    }
}
