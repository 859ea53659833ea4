import Blocking
import Failures
import Foundation
import Glibc
import S3
import Storage

/// A folder of this machine that backups are made in or kept in.
struct FolderReport: Sendable {
    /// The configuration's key.
    let key: String
    let path: String
    /// Owner and mode; nil when the folder does not exist.
    let status: Status?
    /// Why nothing could be written there, or why the folder could not be made; nil when that works.
    let problem: Failure?
    /// Bytes that are free.
    let available: Int64?

    /// Who owns a folder, and who may do what with it.
    struct Status: Sendable, Equatable {
        let owner: String
        let mode: UInt32
    }
}

/// The folders of this machine, and who works in them.
struct RepositoryReport: Sendable {
    let folders: [FolderReport]
    /// Where the data is copied to; the first folder.
    let staging: String
    /// Who holds the instance's lock; nil when nobody does.
    let holder: Failure?
    /// How much the data takes, in bytes; 0 when it cannot be read, nil when that takes too long.
    let data: Int64?
}

extension Doctor {
    func tryFolders(_ limit: TimeLimit) async throws -> Result<RepositoryReport, Failure>? {
        guard self.wants(.repository) else { return nil }
        let configuration = self.configuration
        async let measured = limit.ask("the data directory", .unusable) {
            try await untilCancelled { FolderSize.bytes(configuration.instance.dataDirectory) }
        }
        async let tried = limit.ask("the repository's disk", .storage) {
            try await untilCancelled { try Self.folders(configuration) }
        }
        let size = try await measured.success
        return try await tried.map { folders, holder in
            RepositoryReport(folders: folders, staging: folders[0].path, holder: holder, data: size)
        }
    }

    private static func folders(_ configuration: Configuration) throws -> ([FolderReport], Failure?) {
        let repository = try LocalRepository(configuration)
        try BackupRun(configuration: configuration, log: RunLog { _ in }).checkDestinations()
        let places = [
            ("backup.staging", configuration.backup.staging), ("repository.local", configuration.repository.local),
        ]
        let folders = places.compactMap { key, path in path.map { FolderReport(key: key, path: $0) } }
        // What is wrong with the path, the folder's own check tells.
        return (folders, try? FileLock.holder(at: repository.lockFile))
    }
}

extension FolderReport {
    /// Looks at a folder, and writes an object that is removed again; a folder that does not exist is not made.
    init(key: String, path: String) {
        self.key = key
        self.path = path
        var status = stat()
        self.available = try? DiskSpace.available(at: path)
        if stat(path, &status) == 0 {
            let owner = getpwuid(status.st_uid).flatMap { $0.pointee.pw_name.map { String(cString: $0) } }
            self.status = Status(owner: owner ?? "uid \(status.st_uid)", mode: status.st_mode & 0o7777)
            self.problem = Self.write(in: path)
        } else {
            self.status = nil
            self.problem = Self.making(path, errno)
        }
    }

    private static func write(in path: String) -> Failure? {
        let folder = LocalFolder(root: path)
        let key = "\(StorageProbe.folder)/\(UUID().uuidString)"
        do {
            defer { try? folder.delete(key) }
            try folder.put(Array("Dorsal was here.\n".utf8), key)
            return nil
        } catch {
            return error as? Failure ?? Failure(.storage, "\(path) cannot be written to", cause: "\(error)")
        }
    }

    /// Why the first backup could not make a folder.
    private static func making(_ path: String, _ code: Int32) -> Failure? {
        guard code == ENOENT else { return .file("look at", path, errno: code) }
        var parent = (path as NSString).deletingLastPathComponent
        while access(parent, F_OK) != 0, errno == ENOENT, parent.count > 1 {
            parent = (parent as NSString).deletingLastPathComponent
        }
        return access(parent, W_OK | X_OK) == 0 ? nil : .file("create folder", path, errno: errno)
    }
}
