import Failures
import Foundation
import Storage

extension Catalog {
    /// Runs the closure while no backup of the instance is made, as far as that concerns some of the places.
    ///
    /// The local repository is guarded by the lock of this machine, S3 by the one there.
    ///
    /// - Throws: `Failure` of class `locked` at once when another run holds one of them.
    func locked<Result: Sendable>(
        _ places: [BackupPlace],
        _ configuration: Configuration,
        _ command: String,
        _ log: RunLog,
        _ body: @Sendable @escaping (_ remote: StoreLock?) async throws -> Result
    ) async throws -> Result {
        var lock: FileLock?
        // Without a folder there is nothing to guard, and an unmounted disk's is not to be made.
        if places.contains(where: { $0.kind == .local }), let repository = try? LocalRepository(configuration),
            FileManager.default.fileExists(atPath: repository.root)
        {
            lock = try repository.lock(command)
        }
        defer { lock?.release() }
        guard let remote = places.first(where: { $0.kind == .s3 }), let lease = configuration.repository.s3?.lockTimeout
        else { return try await body(nil) }
        let terms = StoreLock.Terms(folder: "\(remote.instance)/lock", lease: lease, command: command)
        return try await StoreLock.with(remote.store, terms, warn: { log.warn($0) }) { try await body($0) }
    }
}
