import Database
import Failures

/// What a server and this machine must be like for a backup; each tells why they are not, or nil.
enum Requirement {
    static func binlogs(_ facts: ServerFacts, _ instance: Configuration.Instance) -> Failure? {
        if facts.binlogEnabled { return nil }
        return Failure(
            .database,
            "binary logs are off on the server at \(instance.socket)",
            cause: "log_bin = OFF",
            hint: "set log_bin in [mysqld] of \(instance.myCnf) and restart the server"
        )
    }

    static func gtids(_ facts: ServerFacts, _ instance: Configuration.Instance) -> Failure? {
        guard let mode = facts.gtidMode, mode != "ON" else { return nil }
        return Failure(
            .database,
            "GTIDs are off on the server at \(instance.socket)",
            cause: "gtid_mode = \(mode)",
            hint: "set gtid_mode=ON and enforce_gtid_consistency=ON in [mysqld]; the manual tells how to do it online"
        )
    }

    /// A restore puts all of InnoDB's files into the data directory, so they must come from there.
    static func insideFiles(_ facts: ServerFacts, _ instance: Configuration.Instance) -> Failure? {
        guard let (name, path) = facts.outsideFolders.min(by: { $0.key < $1.key }) else { return nil }
        return Failure(
            .unusable,
            "InnoDB keeps files outside the data directory \(facts.dataDirectory), which Dorsal cannot put back",
            cause: "\(name) = \(path)",
            hint: "move these files into the data directory and remove \(name) from \(instance.myCnf)"
        )
    }

    /// - Parameter engine: what the engine needs besides.
    static func backupPrivileges(
        _ privileges: Privileges,
        _ facts: ServerFacts,
        _ engine: [String],
        user: String
    ) -> Failure? {
        let missing = privileges.missing(self.unique(facts.dialect.backupPrivileges + engine))
        if missing.isEmpty { return nil }
        return Failure(
            .database,
            "user '\(user)' lacks privileges for a backup: \(missing.joined(separator: ", "))",
            hint: "run as an administrator: \(privileges.grantStatement(missing))"
        )
    }

    /// The statement that grants what a restore will lack; nil when it lacks nothing.
    static func restoreGrant(_ privileges: Privileges, _ facts: ServerFacts) -> String? {
        let missing = privileges.missing(facts.dialect.restorePrivileges)
        return missing.isEmpty ? nil : privileges.grantStatement(missing)
    }

    /// The copy and its package must both find room; the package is never larger than the data by much.
    static func room(forData data: Int64, available: Int64, at root: String) -> Failure? {
        if available > data { return nil }
        return Failure(
            .storage,
            "\(root) has not enough room: \(available) bytes are free, the data has \(data)",
            hint: "free some space, or set repository.local (or backup.staging) to a larger disk"
        )
    }

    static func unique(_ names: [String]) -> [String] {
        names.enumerated().filter { names.firstIndex(of: $1) == $0 }.map(\.element)
    }
}
