import Database
import Failures
import Foundation
import GTID
import Glibc
import Processes

/// A fresh data directory that sandbox servers copy, as making one takes seconds.
package enum SandboxTemplate {
    /// The user that replicates, on every sandbox.
    package static let replicationUser = "repl"
    /// Its password.
    package static let replicationPassword = "repl-Secret-Word-1"

    /// Makes a data directory with users for replication, once, and returns its path.
    ///
    /// - Parameter folder: a folder that the server's user can reach.
    package static func make(_ kind: SandboxServer.Kind, in folder: String) async throws -> String {
        let path = "\(folder)/template-\(kind.flavor.rawValue)"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        let unfinished = "\(path).new"
        try await Self.initialize(kind, unfinished)
        guard rename(unfinished, path) == 0 else { throw Failure.file("rename", unfinished, errno: errno) }
        return path
    }

    private static func initialize(_ kind: SandboxServer.Kind, _ path: String) async throws {
        let user = getuid() == 0 ? ["--user=\(SandboxServer.osUser)"] : []
        switch kind.flavor {
        case .mysql:
            let options = "\(path).cnf"
            let lines =
                ["[mysqld]", "mysqlx = 0", "secure-file-priv = NULL"]
                + (kind.installation.base.map { SandboxOptions.paths(base: $0) } ?? [])
            try (lines.joined(separator: "\n") + "\n").write(toFile: options, atomically: true, encoding: .utf8)
            try await ToolCommand(
                kind.installation.server,
                ["--defaults-file=\(options)", "--initialize-insecure", "--datadir=\(path)"] + user
            ).run()
        case .mariadb:
            guard
                let program = Installation.program(
                    ["mariadb-install-db", "mysql_install_db"],
                    base: kind.installation.base
                )
            else { throw Failure(.unusable, "mariadb-install-db is not on this machine") }
            try await ToolCommand(
                program,
                [
                    "--no-defaults", "--datadir=\(path)", "--auth-root-authentication-method=normal", "--skip-test-db",
                    "--skip-name-resolve", "--force",
                ] + user
            ).run()
        }
        try Self.removeIdentity(path)
    }

    /// Every copy is to be a server of its own.
    private static func removeIdentity(_ path: String) throws {
        let file = "\(path)/auto.cnf"
        if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
    }
}

/// A port that nothing listens on, below the range that the system hands out by itself.
package enum FreePort {
    package static func any() throws -> UInt16 {
        for _ in 0..<500 {
            let port = UInt16.random(in: 20_000..<32_000)
            if Self.isFree(port) { return port }
        }
        throw Failure(.internal, "no free port was found between 20000 and 32000")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(Int32(AF_INET), Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
