package import Database
import Failures
import Foundation
package import GTID
import Glibc
import Processes

/// A throw-away server in a folder of its own, with real data, for the demo and the tests.
package actor SandboxServer {
    /// What is installed where.
    package struct Kind: Sendable {
        package let installation: Installation
        package var flavor: GTIDFlavor { self.installation.version.flavor }

        package init(_ installation: Installation) { self.installation = installation }
    }

    package nonisolated let kind: Kind
    package nonisolated let folder: String
    package nonisolated let id: UInt32
    package nonisolated let port: UInt16
    /// Further lines for the `[mysqld]` group.
    package nonisolated let extraOptions: [String]
    private let launcher: Launcher
    private(set) package var pid: Int32?

    package nonisolated var dataDirectory: String { "\(self.folder)/data" }
    package nonisolated var optionFile: String { "\(self.dataDirectory)/my.cnf" }
    package nonisolated var socket: String { "\(self.folder)/s" }
    package nonisolated var dialect: any Dialect { self.kind.installation.version.dialect }

    package init(
        _ kind: Kind,
        folder: String,
        id: UInt32,
        port: UInt16,
        launcher: Launcher,
        extraOptions: [String] = []
    ) {
        self.kind = kind
        self.folder = folder
        self.id = id
        self.port = port
        self.launcher = launcher
        self.extraOptions = extraOptions
    }

    /// The user that sandbox servers run as: `mysql` when we are root, ourselves otherwise.
    package static var osUser: String {
        getuid() == 0 ? "mysql" : (getpwuid(getuid())?.pointee.pw_name).map { String(cString: $0) } ?? "mysql"
    }

    /// Makes the data directory from a template, with its option file.
    package func create(template: String) async throws {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try await ToolCommand("/bin/cp", ["-a", template, self.dataDirectory]).run()
        try self.writeOptionFile()
        // For binary logs outside the data directory.
        try FileManager.default.createDirectory(atPath: "\(self.folder)/binlog", withIntermediateDirectories: true)
        try Ownership.find(Self.osUser)?.give("\(self.folder)/binlog")
        try Ownership.find(Self.osUser)?.give(self.folder)
    }

    private func writeOptionFile() throws {
        let path = self.optionFile
        try SandboxOptions(server: self).text.write(toFile: path, atomically: true, encoding: .utf8)
        try Ownership.find(Self.osUser)?.give(path)
    }

    /// Starts the server on its data directory and waits until it answers.
    package func start(options: [String] = []) async throws {
        var arguments = ["--defaults-file=\(self.optionFile)"]
        if getuid() == 0 { arguments.append("--user=\(Self.osUser)") }
        let command = ToolCommand(self.kind.installation.server, arguments + options)
        let pid = try await self.launcher.start(command, log: "\(self.folder)/start.log")
        self.pid = pid
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            do {
                return try await ServerConnection.with(self.admin) { _ in }
            } catch let failure as Failure {
                guard ProcessTable.isRunning(pid), ContinuousClock.now < deadline else {
                    throw Failure(
                        .internal,
                        "the sandbox server in \(self.folder) did not start",
                        cause: self.messages(failure)
                    )
                }
            }
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    private func messages(_ failure: Failure) -> String {
        let log = FileManager.default.contents(atPath: "\(self.folder)/error.log") ?? Data()
        return "\(failure)\n" + String(decoding: log.suffix(3000), as: UTF8.self)
    }

    /// Ends the server with SIGTERM, or with the given signal, and waits until it has ended.
    package func stop(_ signal: Int32 = SIGTERM) async throws {
        guard let pid = self.pid else { return }
        kill(pid, signal)
        guard try await ProcessTable.waitForEnd(of: [pid], limit: .seconds(60)) else {
            throw Failure(.internal, "the sandbox server \(pid) in \(self.folder) does not end")
        }
        self.pid = nil
    }

    /// The administrator of every sandbox.
    package nonisolated var admin: Endpoint { Endpoint(.socket(self.socket), user: "root", password: nil) }

    /// Runs statements in one connection and returns the last one's rows.
    @discardableResult
    package nonisolated func query(_ statements: String...) async throws -> [Row] {
        try await self.query(statements)
    }

    /// Runs statements on one connection and returns the last one's rows.
    @discardableResult
    package nonisolated func query(_ statements: [String]) async throws -> [Row] {
        try await ServerConnection.with(self.admin) { connection in
            var rows: [Row] = []
            for statement in statements { rows = try await connection.query(statement, purpose: statement) }
            return rows
        }
    }

    /// The first column of a statement's first row.
    package nonisolated func value(_ statement: String) async throws -> String? {
        try await self.query(statement).first?.first
    }

    /// What the server has executed.
    package nonisolated func executed() async throws -> GTIDSet {
        try await ServerConnection.with(self.admin) { try await $0.executedSet(self.dialect) }
    }
}

/// The option file of a sandbox server.
struct SandboxOptions {
    let server: SandboxServer

    var text: String {
        var lines = [
            "[mysqld]",
            "datadir = \(self.server.dataDirectory)",
            "port = \(self.server.port)",
            "socket = \(self.server.socket)",
            "pid-file = \(self.server.folder)/sandbox-\(self.server.id).pid",
            "log-error = \(self.server.folder)/error.log",
            "tmpdir = \(self.server.folder)",
            "bind-address = 127.0.0.1",
            "server-id = \(self.server.id)",
            "log-bin = mysql-bin",
            // All servers write to the same tables.
            "auto-increment-increment = 8",
            "auto-increment-offset = \(self.server.id)",
            "binlog-format = ROW",
            "innodb-buffer-pool-size = 64M",
            "innodb-flush-log-at-trx-commit = 2",
            "sync-binlog = 0",
        ]
        switch self.server.kind.flavor {
        case .mysql: lines += self.mysqlLines
        case .mariadb:
            // With one domain a server, positions stay apart although both write.
            lines += [
                "gtid-domain-id = \(self.server.id)", "gtid-strict-mode = ON", "gtid-ignore-duplicates = ON",
                "log-slave-updates = ON",
            ]
        }
        return (lines + self.server.extraOptions).joined(separator: "\n") + "\n"
    }

    private var mysqlLines: [String] {
        var lines = [
            "gtid-mode = ON", "enforce-gtid-consistency = ON", "mysqlx = 0", "secure-file-priv = NULL",
            "log-replica-updates = ON",
        ]
        if let base = self.server.kind.installation.base {
            lines += SandboxOptions.paths(base: base)
        }
        return lines
    }

    /// Paths of an installation that lies in a folder of its own.
    static func paths(base: String) -> [String] {
        guard FileManager.default.fileExists(atPath: "\(base)/usr/lib/mysql/plugin") else { return [] }
        return [
            "basedir = \(base)/usr", "lc-messages-dir = \(base)/usr/share/mysql",
            "plugin-dir = \(base)/usr/lib/mysql/plugin",
        ]
    }
}

extension SandboxServer {
    /// MySQL's server UUID; nil on MariaDB.
    package nonisolated func uuid() async throws -> String? {
        guard self.kind.flavor == .mysql else { return nil }
        return try await self.value("SELECT @@GLOBAL.server_uuid")
    }
}
