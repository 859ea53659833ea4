import ArgumentParser
import Database
import Demo
import Failures
import GTID
import Sandbox

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the whole job on a throw-away pair of real servers: backup, crash, restore, proof.",
        discussion: "Example: dorsal demo --server mysql"
    )

    /// Which server to show it on.
    enum Server: String, ExpressibleByArgument, CaseIterable, Sendable {
        case mariadb, mysql
        var flavor: GTIDFlavor { self == .mysql ? .mysql : .mariadb }
    }

    @Option(help: "The kind of server.")
    var server = Server.mariadb

    @Option(help: "The server's installation; else the system's.", completion: .directory)
    var base: String?

    @Option(help: "How many rows to load before the backup.")
    var rows = 300_000

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let command = self
        try await Run.command(self.output) { output in
            let installation = try await Installation.find(base: command.base)
            guard installation.version.flavor == command.server.flavor else {
                throw Failure(
                    .unusable,
                    "\(installation.server) is \(installation.version.text), not \(command.server.rawValue)",
                    hint: "give the installation's prefix with --base"
                )
            }
            let demo = Demo(
                SandboxServer.Kind(installation),
                rows: command.rows,
                say: { output.result(StepObject(message: $0), text: "* \($0)") },
                tell: { output.tell($0) }
            )
            try await demo.run()
            return false
        }
    }

    private struct StepObject: Encodable {
        let type = "event"
        let message: String
    }
}
