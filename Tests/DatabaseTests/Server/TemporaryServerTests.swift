import Failures
import Foundation
import GTID
import Glibc
import Processes
import TestSupport
import Testing

@testable import Database

@Suite("Temporary servers: the command line, and starts that fail")
struct TemporaryServerTests {
    private func settings(
        _ version: ServerVersion,
        folder: String = "/d.restore/server",
        program: String = "/usr/sbin/mysqld",
        pidFileName: String? = nil
    ) -> TemporaryServer.Settings {
        TemporaryServer.Settings(
            installation: Installation(server: program, version: version, base: nil),
            optionFile: "\(folder)/replay.cnf",
            dataDirectory: "/d",
            folder: folder,
            osUser: "root",
            options: version.dialect.quietOptions(temporaryServerID: 100_003_306),
            user: "dorsal-login",
            password: Secret("a-secret-word"),
            pidFileName: pidFileName
        )
    }

    @Test("The option file comes first, then where the server works, then the options", arguments: Words.all)
    func order(_ version: ServerVersion) {
        let command = TemporaryServer.command(self.settings(version), socket: "/tmp/dorsal-x/s")
        #expect(command.executable == "/usr/sbin/mysqld")
        let user = getuid() == 0 ? ["--user=root"] : []
        #expect(
            command.arguments
                == [
                    "--defaults-file=/d.restore/server/replay.cnf", "--datadir=/d", "--socket=/tmp/dorsal-x/s",
                    "--tmpdir=/d.restore/server", "--log-error=/d.restore/server/server.log",
                ] + user + version.dialect.quietOptions(temporaryServerID: 100_003_306)
        )
    }

    @Test("The pid file bears the real server's name, in a folder of our own")
    func pidFile() {
        let command = TemporaryServer.command(self.settings(Words.all[0], pidFileName: "orders.pid"), socket: "/s")
        #expect(command.arguments.filter { $0.hasPrefix("--pid-file") } == ["--pid-file=/d.restore/server/orders.pid"])
        let unnamed = TemporaryServer.command(self.settings(Words.all[0]), socket: "/s")
        #expect(!unnamed.arguments.contains { $0.hasPrefix("--pid-file") })
    }

    @Test("Nobody reads a login in the list of processes", arguments: Words.all)
    func noSecret(_ version: ServerVersion) {
        let arguments = TemporaryServer.command(self.settings(version), socket: "/s").arguments.joined(separator: " ")
        #expect(!arguments.contains("a-secret-word"))
        #expect(!arguments.contains("dorsal-login"))
    }

    @Test("A server that ends at once is a failure with the last of its messages, and its socket's folder is gone")
    func endsAtOnce() async throws {
        let folder = try TemporaryFolder()
        let program = try folder.write("#!/bin/sh\necho 2026 [ERROR] no data here\nexit 1\n", to: "mysqld", mode: 0o755)
        let settings = self.settings(Words.all[0], folder: folder.path, program: program)
        var failure: Failure
        repeat {
            failure = try await #require(throws: Failure.self) { try await TemporaryServer.with(settings) { _ in } }
            // A child that another test forks at this moment has the program open for writing until it is its own.
        } while failure.cause?.contains("Text file busy") == true
        #expect(failure.class == .unusable)
        #expect(failure.message == "the temporary server on /d ended by itself")
        #expect(failure.cause == "2026 [ERROR] no data here")
        #expect(failure.hint == "its messages are in \(folder.path)/server.log")
    }

    @Test("A left-over is known by its messages' path, and by no other")
    func leftovers() async throws {
        let folder = try TemporaryFolder()
        let script = ToolCommand(
            "/bin/sh",
            ["-c", "read line < \(folder.path)/pipe", "--log-error=\(folder.path)/server.log"]
        )
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        _ = try await Service.with(script, log: folder.path("log"), grace: .seconds(5)) { service in
            #expect(TemporaryServer.leftovers(folder: folder.path) == [service.pid])
            #expect(TemporaryServer.leftovers(folder: "\(folder.path)/other") == [])
        }
        #expect(TemporaryServer.leftovers(folder: folder.path) == [])
    }
}
