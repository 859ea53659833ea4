import Database
import Failures
import Foundation

/// The option files of temporary servers, made from the backed-up server's effective options.
struct ServerOptions {
    private let plan: RestorePlan

    init(_ plan: RestorePlan) { self.plan = plan }

    /// Options that act at a start, or that filter what is applied.
    private static let filters = [
        "replicate_do_db", "replicate_ignore_db", "replicate_do_table", "replicate_ignore_table",
        "replicate_wild_do_table", "replicate_wild_ignore_table", "replicate_rewrite_db",
    ]
    private static let harmful = [
        "init_file", "log_error", "pid_file", "socket", "port", "bind_address", "datadir", "user", "server_id",
        "daemonize", "skip_grant_tables",
    ]
    private static let history = [
        "log_bin", "log_bin_index", "relay_log", "relay_log_index", "relay_log_recovery", "log_slave_updates",
        "log_replica_updates",
    ]

    /// Writes both option files into the servers' folder, which is given to the server's user.
    func write(from unpacked: Unpacked, _ owner: Ownership?) throws {
        let layout = self.plan.layout
        try FileManager.default.createDirectory(
            atPath: layout.serverFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        try owner?.give(layout.serverFolder)
        let source = try OptionFile(path: unpacked.effectiveOptions)
        var removed = Dictionary(uniqueKeysWithValues: Self.harmful.map { ($0, String?.none) })
        if layout.isElsewhere {
            removed.merge(layout.relocation()) { $1 }
            for key in Self.harmful { removed[key] = .some(nil) }
        }
        try Self.write(source.flattened(groups: ["mysqld"], overrides: removed), layout.rejoinOptionFile, owner)
        for key in Self.filters + Self.history { removed[key] = .some(nil) }
        try Self.write(source.flattened(groups: ["mysqld"], overrides: removed), layout.replayOptionFile, owner)
    }

    /// The replication filters that the options set.
    static func filters(in optionFile: String) throws -> [String] {
        let file = try OptionFile(path: optionFile)
        return Self.filters.filter { file.value(of: $0, in: ["mysqld"]) != nil }
    }

    private static func write(_ text: String, _ path: String, _ owner: Ownership?) throws {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o640]
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
            throw Failure.file("create", path, errno: errno)
        }
        try owner?.give(path)
    }
}
