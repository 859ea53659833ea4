import Database
import Failures
import Foundation

/// The option files of temporary servers, made from the options of the server that they stand in for.
struct ServerOptions {
    private let layout: TargetLayout

    init(_ layout: TargetLayout) { self.layout = layout }

    /// Options that act at a start, or that filter what is applied.
    private static let filters = [
        "replicate_do_db", "replicate_ignore_db", "replicate_do_table", "replicate_ignore_table",
        "replicate_wild_do_table", "replicate_wild_ignore_table", "replicate_rewrite_db",
    ]
    private static let harmful = [
        "init_file", "log_error", "pid_file", "socket", "port", "bind_address", "datadir", "user", "server_id",
        "daemonize", "skip_grant_tables",
        // These would pass over events that cannot be applied, and count them as executed.
        "slave_skip_errors", "replica_skip_errors", "slave_exec_mode", "replica_exec_mode", "init_slave",
        "init_replica",
    ]
    private static let history = [
        "log_bin", "log_bin_index", "relay_log", "relay_log_index", "relay_log_recovery", "log_slave_updates",
        "log_replica_updates",
    ]

    /// Writes both option files into the servers' folder, which is given to the server's user.
    ///
    /// - Parameter groups: the server's groups in the source.
    func write(from source: OptionFile, groups: [String], _ owner: Ownership?) throws {
        try FileManager.default.createDirectory(
            atPath: self.layout.serverFolder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750]
        )
        try owner?.give(self.layout.serverFolder)
        var removed: [String: String?] = self.layout.isElsewhere ? self.layout.relocation() : [:]
        for key in Self.harmful { removed[key] = .some(nil) }
        try Self.write(source.flattened(groups: groups, overrides: removed), self.layout.rejoinOptionFile, owner)
        for key in Self.filters + Self.history { removed[key] = .some(nil) }
        try Self.write(source.flattened(groups: groups, overrides: removed), self.layout.replayOptionFile, owner)
    }

    /// The name of the real server's pid file, as its own option file sets it.
    static func pidFileName(_ layout: TargetLayout) throws -> String? {
        let file = try OptionFile(path: layout.myCnf)
        let groups = ["mysqld", "mariadb", "mariadbd", "server"]
        return file.value(of: "pid_file", in: groups)?.text.map { ($0 as NSString).lastPathComponent }
    }

    /// The replication filters that the options set.
    static func filters(in optionFile: String) throws -> [String] {
        let file = try OptionFile(path: optionFile)
        return Self.filters.filter { file.value(of: $0, in: ["mysqld"]) != nil }
    }

    private static func write(_ text: String, _ path: String, _ owner: Ownership?) throws {
        try PrivateFile.replace(text.utf8, at: path, mode: 0o600)
        try owner?.give(path)
    }
}
