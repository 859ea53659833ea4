package import Database
import Failures
import Foundation
import GTID
import Processes

/// XtraBackup and mariadb-backup: an outside tool that copies the files and the redo log beside them.
package struct CopyToolEngine: BackupEngine {
    package let tool: CopyTool
    /// The server's installation, where the tool is looked for first.
    let base: String?
    private let flavor: GTIDFlavor

    package init(version: ServerVersion, base: String?) {
        self.init(CopyTool.matching(version), flavor: version.flavor, base: base)
    }

    init(_ tool: CopyTool, flavor: GTIDFlavor, base: String?) {
        self.tool = tool
        self.flavor = flavor
        self.base = base
    }

    package var kind: EngineKind { self.tool.kind }
    package var privileges: [String] { self.tool.privileges }

    /// The tool's program; nil when it is not on this machine.
    package var program: String? {
        Installation.program(self.tool.programs, base: self.base)
            ?? Installation.program(self.tool.programs, base: nil)
    }

    package func preflight(_ connection: ServerConnection, _ facts: ServerFacts) async throws {
        _ = try await self.examine(connection, facts)
    }

    package func examine(_ connection: ServerConnection, _ facts: ServerFacts) async throws -> String {
        let version = try await self.toolVersion()
        try self.check(version, fits: facts.version)
        return "\(try self.requireProgram()) \(version.number)"
    }

    /// Throws when the tool's version cannot copy the server's data.
    func check(_ version: ServerVersion, fits server: ServerVersion) throws {
        if let series = self.tool.series, version.series != series {
            throw Failure(
                .unusable,
                "\(self.tool.programs[0]) \(version.text) cannot copy MySQL \(server.text)",
                cause: "a server of series \(server.series) needs the tool's series \(series)",
                hint: "install Percona XtraBackup \(series)"
            )
        }
        if self.tool.series == nil, version.series != server.series {
            throw Failure(
                .unusable,
                "\(self.tool.programs[0]) \(version.text) does not fit the server \(server.text)",
                hint: "install the mariadb-backup of the server's own version"
            )
        }
    }

    package func snapshot(_ request: SnapshotRequest) async throws -> DataSnapshot {
        let target = "\(request.folder)/data"
        let optionFile = try self.writeOptionFile(request)
        defer { try? FileManager.default.removeItem(atPath: optionFile) }
        let arguments = self.tool.backupArguments(try self.job(request, optionFile, target))
        try await ToolCommand(try self.requireProgram(), arguments, isLowPriority: request.isLowPriority).run(
            hint: "the tool's messages tell which step failed; run dorsal backup again when it is mended"
        )
        return DataSnapshot(
            directory: target,
            boundary: try self.boundary(in: target),
            tool: "\(self.kind.rawValue) \(try await self.toolVersion().text)"
        )
    }

    package func prepare(directory: String, memory: Int64) async throws {
        let program = try self.requireProgram()
        try await ToolCommand(program, self.tool.prepareArguments(target: directory, memory: memory)).run(
            hint: "is \(program) of the version that made the backup?"
        )
    }

    /// How many files are copied at a time.
    static var parallel: Int { min(4, ProcessInfo.processInfo.activeProcessorCount) }

    func job(_ request: SnapshotRequest, _ optionFile: String, _ target: String) throws -> CopyTool.Job {
        CopyTool.Job(
            optionFile: optionFile,
            user: request.endpoint.user,
            socket: try self.socket(of: request),
            dataDirectory: request.facts.dataDirectory,
            target: target,
            parallel: Self.parallel
        )
    }

    private func socket(of request: SnapshotRequest) throws -> String {
        if case .socket(let socket) = request.endpoint.address { return socket }
        throw Failure(.usage, "\(self.kind.rawValue) needs the server's socket", hint: "set instance.socket")
    }

    func requireProgram() throws -> String { try self.require(self.program, self.tool.programs) }

    func require(_ program: String?, _ names: [String]) throws -> String {
        guard let program else {
            throw Failure(
                .unusable,
                "\(names.joined(separator: " or ")) is not on this machine",
                hint: self.kind == .mariabackup
                    ? "apt-get install mariadb-backup" : "install Percona XtraBackup \(self.tool.series ?? "")"
            )
        }
        return program
    }

    func toolVersion() async throws -> ServerVersion {
        try Self.version(in: try await ToolCommand(try self.requireProgram(), ["--version"]).run())
    }

    /// The tool's own version in what `--version` prints.
    static func version(in lines: [String]) throws -> ServerVersion {
        // XtraBackup prints two versions, its own behind the word "version"; mariadb-backup's is the server's, and its
        // path, which may hold a version too, stands before that.
        let text = lines.joined(separator: " ")
        let own = text.firstMatch(of: #/(?: version |based on MariaDB server )(\d+\.\d+\.\d+\S*)/#)?.1
        return try ServerVersion(parsing: own.map(String.init) ?? text)
    }

    /// A private option file: the server's own settings, then who logs in.
    func writeOptionFile(_ request: SnapshotRequest) throws -> String {
        let path = "\(request.folder)/login.cnf"
        var lines: [String] = []
        if let optionFile = request.optionFile, FileManager.default.fileExists(atPath: optionFile) {
            try Self.refusePartialCopies(optionFile)
            lines.append("!include \(optionFile)")
        }
        for group in ["client", "xtrabackup", "mariabackup"] {
            lines += ["[\(group)]", "user=\(OptionFileText.quoted(request.endpoint.user))"]
            if let password = request.endpoint.password {
                lines.append("password=\(OptionFileText.quoted(password.reveal()))")
            }
        }
        try PrivateFile.create((lines.joined(separator: "\n") + "\n").utf8, at: path, mode: 0o600)
        return path
    }

    /// Options for the tool, written for another use of it, that make it copy less than everything, or in another form.
    ///
    /// It would still say that it completed.
    static func refusePartialCopies(_ optionFile: String) throws {
        let options = try OptionFile(path: optionFile)
        let words = ["databases", "tables", "compress", "encrypt", "incremental", "stream", "export"]
        for group in ["xtrabackup", "mariabackup", "mariadb-backup"] {
            for option in options.options(in: group) where words.contains(where: { option.key.hasPrefix($0) }) {
                throw Failure(
                    .unusable,
                    "\(option.file):\(option.line): '\(option.key)' in [\(group)] would make a copy that is not whole",
                    hint: "remove the line, or give Dorsal an option file without it: instance.my_cnf"
                )
            }
        }
    }

    func boundary(in directory: String) throws -> DataBoundary {
        for prefix in self.tool.infoPrefixes {
            let path = "\(directory)/\(prefix)binlog_info"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            return try self.boundary(Array(data), path)
        }
        throw self.noBoundary("in \(directory)")
    }

    /// The point in history that a copy stands at, as the tool wrote it down.
    func boundary(_ info: [UInt8], _ path: String) throws -> DataBoundary {
        let info = try BinlogInfo(parsing: String(decoding: info, as: UTF8.self), path: path)
        let set = try GTIDSet(parsing: info.gtid, flavor: self.flavor)
        return DataBoundary(lower: set, upper: set, binlogFile: info.file, binlogPosition: info.position)
    }

    func noBoundary(_ place: String) -> Failure {
        Failure(
            .unusable,
            "\(self.kind.rawValue) left no binlog_info file \(place)",
            hint: "are binary logs enabled on the server?"
        )
    }
}

/// The contents of `xtrabackup_binlog_info`: file, position and GTIDs separated by tabs; MySQL's GTIDs may go over
/// several lines.
struct BinlogInfo: Equatable {
    let file: String
    let position: UInt64
    let gtid: String

    /// - Throws: `Failure` of class `integrity` when file or position is missing.
    init(parsing text: String, path: String) throws {
        let fields = text.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count >= 2, !fields[0].isEmpty,
            let position = UInt64(fields[1].trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw Failure(.integrity, "\(path) does not hold a binary log's name and position", cause: text)
        }
        self.file = String(fields[0])
        self.position = position
        let gtid = fields.count == 3 ? String(fields[2]) : ""
        self.gtid = gtid.replacingOccurrences(of: "\n", with: "").trimmingCharacters(in: .whitespaces)
    }
}

/// Values as option files write them.
enum OptionFileText {
    /// A value in double quotes, backslashes and quotes escaped.
    static func quoted(_ value: String) -> String {
        "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
