import Database
import Failures
import Foundation
package import GTID
import Glibc
package import Sandbox

/// The servers that end-to-end tests run on.
///
/// A server that is not there fails a test; it is never skipped.
package enum TestServer: String, CaseIterable, Sendable {
    case mariadb
    case mysql

    package var flavor: GTIDFlavor { self == .mysql ? .mysql : .mariadb }

    /// The server's programs: MariaDB's from the system, MySQL's below `DORSAL_MYSQL_BASE`.
    package func kind() async throws -> SandboxServer.Kind {
        let environment = ProcessInfo.processInfo.environment
        let base = self == .mysql ? environment["DORSAL_MYSQL_BASE"] ?? "/opt/dorsal-mysql/9.7" : nil
        let installation = try await Installation.find(base: base)
        guard installation.version.flavor == self.flavor else {
            throw Failure(
                .internal,
                "\(installation.server) is not a \(self.rawValue) server",
                hint: "run the tests with make test, which installs both servers"
            )
        }
        return SandboxServer.Kind(installation)
    }
}

/// Fresh data directories that all tests of one process share.
package struct Templates: Sendable {
    package static let shared = Templates()

    fileprivate static let folder = Result {
        let folder = try SandboxGroup.makeFolder()
        atexit(removeTemplates)
        return folder
    }
    private let gate = Gate(1)

    /// Makes a kind's template once, however many tests ask at the same time, and returns the folder of templates.
    package func prepare(_ kind: SandboxServer.Kind) async throws -> String {
        let folder = try Self.folder.get()
        return try await self.gate.pass {
            _ = try await SandboxTemplate.make(kind, in: folder)
            return folder
        }
    }
}

private func removeTemplates() {
    if let folder = try? Templates.folder.get() { try? FileManager.default.removeItem(atPath: folder) }
}
