import Failures
import Foundation
import Processes

/// A server's programs on this machine.
package struct Installation: Sendable, Equatable {
    /// The server program.
    package let server: String
    package let version: ServerVersion
    /// The prefix that programs are looked for in first; nil for the system's.
    package let base: String?

    /// Finds the server program below a prefix, or in the system's folders, and asks for its version.
    ///
    /// - Throws: ``Failure`` of class `unusable` when there is none.
    package static func find(base: String?) async throws -> Installation {
        guard let server = Self.program(["mariadbd", "mysqld"], base: base) else {
            throw Failure(
                .unusable,
                "no server program (mariadbd, mysqld) below \(base ?? "the system's folders")",
                hint: "install the server, or set instance.base to its installation"
            )
        }
        let lines = try await ToolCommand(server, ["--no-defaults", "--version"]).run(
            hint: "does \(server) run on this machine?"
        )
        return Installation(
            server: server,
            version: try ServerVersion(parsing: lines.joined(separator: " ")),
            base: base
        )
    }

    /// The first of the programs that exists, below a prefix or else in the system's folders.
    package static func program(_ names: [String], base: String?) -> String? {
        var folders: [String] = []
        if let base { folders += ["bin", "sbin", "libexec"].map { "\(base)/\($0)" } }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        if base == nil { folders += path.split(separator: ":").map(String.init) }
        if base == nil { folders += ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin"] }
        for folder in folders {
            for name in names where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        return nil
    }
}
