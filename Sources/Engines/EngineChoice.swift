package import Database
import Failures
import GTID

extension EngineKind {
    /// The engine for a server: the one asked for, or the best that is on this machine.
    ///
    /// MariaDB has mariabackup. MySQL and Percona Server are copied by xtrabackup where it is installed, as it copies
    /// tables of all engines; else by the server itself, with clone.
    ///
    /// - Parameter wanted: nil for automatic choice.
    /// - Throws: `Failure` of class `unusable` when the engine does not fit the server.
    package static func choose(_ wanted: EngineKind?, _ version: ServerVersion, base: String?) throws
        -> any BackupEngine
    {
        let tool = CopyToolEngine(version: version, base: base)
        switch wanted {
        case nil: return version.flavor == .mariadb || tool.program != nil ? tool : CloneEngine()
        case .clone: return CloneEngine()
        case .some(let kind) where kind == tool.kind: return tool
        case .some(let kind):
            throw Failure(
                .unusable,
                "the engine \(kind.rawValue) does not fit the server \(version.text)",
                hint: "set backup.engine to auto or \(tool.kind.rawValue)"
            )
        }
    }
}
