package import Failures
import Foundation
import Glibc
import Processes

/// A server of our own on a data directory: private socket, no network, gone when the work is done.
package struct TemporaryServer: Sendable {
    /// How a temporary server is started.
    package struct Settings: Sendable {
        package let installation: Installation
        /// The option file that it reads, and no other.
        package let optionFile: String
        package let dataDirectory: String
        /// A private folder for its socket, pid file and messages.
        package let folder: String
        /// The user that it runs as when we are root.
        package let osUser: String
        package let options: [String]
        package let user: String
        package let password: Secret?
        /// The name of the real server's pid file, where its option file sets one.
        ///
        /// MariaDB names relay logs after it, and what a rejoin leaves must bear the names that the real server looks
        /// for. (MariaDB documentation, "relay_log".)
        package let pidFileName: String?

        package init(
            installation: Installation,
            optionFile: String,
            dataDirectory: String,
            folder: String,
            osUser: String,
            options: [String],
            user: String,
            password: Secret?,
            pidFileName: String?
        ) {
            self.installation = installation
            self.optionFile = optionFile
            self.dataDirectory = dataDirectory
            self.folder = folder
            self.osUser = osUser
            self.options = options
            self.user = user
            self.password = password
            self.pidFileName = pidFileName
        }

        /// The argument by which a temporary server is known to be ours.
        static func mark(_ folder: String) -> String { "--log-error=\(folder)/server.log" }
    }

    package let settings: Settings
    package let endpoint: Endpoint
    private let service: Service

    /// The process's id.
    package var pid: Int32 { self.service.pid }

    /// Starts a server, runs the closure when it answers, and shuts it down.
    ///
    /// - Throws: ``Failure`` with the end of the server's messages when it does not start or ends early; what the
    ///   closure throws.
    package static func with<Result: Sendable>(
        _ settings: Settings,
        body: (TemporaryServer) async throws -> Result
    ) async throws -> Result {
        let sockets = try SocketFolder(settings)
        defer { sockets.remove() }
        var login = Endpoint(.socket(sockets.socket), user: settings.user, password: settings.password)
        login.silenceSeconds = 600
        let endpoint = login
        let command = Self.command(settings, socket: sockets.socket)
        let (value, end) = try await Service.with(command, log: "\(settings.folder)/start.log", grace: .seconds(120)) {
            service in
            let server = TemporaryServer(settings: settings, endpoint: endpoint, service: service)
            try await server.waitUntilReady()
            let result = try await body(server)
            try await server.shutDown()
            return result
        }
        try Self.requireCleanEnd(end, settings)
        return value
    }

    /// What a server had in memory is in its files only when it has shut down by itself.
    private static func requireCleanEnd(_ end: Service.End, _ settings: Settings) throws {
        guard !end.isClean else { return }
        throw Failure(
            .unusable,
            "the temporary server on \(settings.dataDirectory) did not shut down cleanly: what it did may be lost",
            cause: "\(end.description)\n\(settings.lastMessages)",
            hint: "look for a crash in \(settings.folder)/server.log, or for the kernel's out-of-memory killer"
        )
    }

    /// The command line; every value in it may be read by others, so no secret stands there.
    static func command(_ settings: Settings, socket: String) -> ToolCommand {
        var arguments = [
            "--defaults-file=\(settings.optionFile)",
            "--datadir=\(settings.dataDirectory)",
            "--socket=\(socket)",
            // A server that starts deletes what it takes for left-overs, in a shared folder those of a running one too.
            "--tmpdir=\(settings.folder)",
            Settings.mark(settings.folder),
        ]
        if let name = settings.pidFileName { arguments.append("--pid-file=\(settings.folder)/\(name)") }
        if getuid() == 0 { arguments.append("--user=\(settings.osUser)") }
        return ToolCommand(settings.installation.server, arguments + settings.options)
    }

    /// Temporary servers of ours that still run, known by the folder that only we use.
    package static func leftovers(folder: String) -> [Int32] {
        ProcessTable.processes(withArgumentContaining: Settings.mark(folder))
    }
}

extension TemporaryServer {
    private func waitUntilReady() async throws {
        var watchdog = Watchdog(
            limit: .seconds(300),
            waitingFor: "the temporary server to start",
            hint: "see \(self.settings.folder)"
        )
        while true {
            do {
                return try await ServerConnection.with(self.endpoint) { _ in }
            } catch let failure as Failure where !failure.message.contains("no server answers") {
                throw failure
            } catch is Failure {
                try self.checkRunning()
            }
            try watchdog.check(self.activity, failureClass: .unusable)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Throws when the server has ended by itself.
    package func checkRunning() throws {
        guard !self.service.isRunning else { return }
        throw Failure(
            .unusable,
            "the temporary server on \(self.settings.dataDirectory) ended by itself",
            cause: self.lastMessages,
            hint: "its messages are in \(self.settings.folder)/server.log"
        )
    }

    private func shutDown() async throws {
        kill(self.pid, SIGTERM)
        var watchdog = Watchdog(
            limit: .seconds(300),
            waitingFor: "the temporary server to shut down",
            hint: "see \(self.settings.folder)"
        )
        while self.service.isRunning {
            try watchdog.check(self.activity, failureClass: .unusable)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What the process has done so far: processor time and bytes written, from proc(5).
    private var activity: String {
        let stat = FileManager.default.contents(atPath: "/proc/\(self.pid)/stat") ?? Data()
        let io = FileManager.default.contents(atPath: "/proc/\(self.pid)/io") ?? Data()
        let fields = String(decoding: stat, as: UTF8.self).split(separator: " ")
        return (fields.count > 15 ? "\(fields[13]) \(fields[14]) " : "") + String(decoding: io, as: UTF8.self)
    }

    /// The errors in the server's messages, or else their end.
    package var lastMessages: String { self.settings.lastMessages }
}

extension TemporaryServer.Settings {
    /// More than the lines that are shown ever have.
    private static let messageLimit = UInt64(256 << 10)

    fileprivate var lastMessages: String {
        let lines = ["server.log", "start.log"].flatMap { self.end(of: "\(self.folder)/\($0)").split(separator: "\n") }
        let errors = lines.filter { $0.contains("[ERROR]") }
        return (errors.isEmpty ? lines : errors).suffix(6).joined(separator: "\n")
    }

    private func end(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: size - min(size, Self.messageLimit))
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }
}

/// Where a temporary server's socket lies: in its own folder, or in a short-lived one below `/tmp` when that path would
/// be too long for a socket, which has 107 bytes at the most (unix(7)).
private struct SocketFolder {
    private static let longestPath = 100

    let socket: String
    private let temporary: String?

    init(_ settings: TemporaryServer.Settings) throws {
        let path = "\(settings.folder)/s"
        guard path.utf8.count > Self.longestPath else {
            self.socket = path
            self.temporary = nil
            return
        }
        var template = Array("/tmp/dorsal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(
                .unusable,
                "no folder for a socket can be made in /tmp",
                cause: String(cString: strerror(errno))
            )
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Ownership.find(settings.osUser)?.give(folder)
        self.socket = "\(folder)/s"
        self.temporary = folder
    }

    func remove() {
        if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
}
