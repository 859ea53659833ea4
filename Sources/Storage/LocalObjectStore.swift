import Archive
import Blocking
import Failures
import Glibc
import Synchronization

/// A folder of this machine as an object store; its blocking work is done off the cooperative pool.
///
/// It keeps no metadata: what is to be known about an object stands in the manifest beside it.
package struct LocalObjectStore: ObjectStore {
    /// The folder.
    package let folder: LocalFolder

    /// Makes a store of a folder, which is not looked at yet.
    package init(_ folder: LocalFolder) { self.folder = folder }

    package var name: String { self.folder.root }
    package var keepsMetadata: Bool { false }

    package func prepare() async throws { try await self.blocking { try $0.prepare() } }

    package func put(_ bytes: [UInt8], _ key: String) async throws {
        try await self.blocking { try $0.put(bytes, key) }
    }

    package func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool {
        try await self.blocking { try $0.putIfAbsent(bytes, key) }
    }

    package func upload(
        _ key: String,
        expecting expected: Int64,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64 {
        let upload = try await self.blocking { LocalUpload(try $0.stage(key)) }
        do {
            try await body(upload)
            try Task.checkCancellation()
            return try await onOwnThread { try upload.publish() }
        } catch {
            // Not to be interrupted: a task that is cancelled must clean up as well.
            try? await onOwnThread { upload.abort() }
            throw error
        }
    }

    package func read(_ key: String, _ range: Range<Int64>) async throws -> [UInt8] {
        try await self.blocking { try $0.read(key, range) }
    }

    package func head(_ key: String) async throws -> ObjectFacts? {
        try await self.blocking { try $0.facts(key) }
    }

    package func setMetadata(_ key: String, _ metadata: [String: String]) async throws {
        if try await self.head(key) == nil { throw Failure.file("look at", self.name + "/" + key, errno: ENOENT) }
    }

    package func list(_ prefix: String, page: String?, limit: Int) async throws -> ObjectPage {
        try await self.blocking { folder in
            let rest = try folder.list(prefix).drop { object in
                page.map { !$0.utf8.lexicographicallyPrecedes(object.key.utf8) } ?? false
            }
            let objects = Array(rest.prefix(limit))
            return ObjectPage(objects: objects, next: objects.count < rest.count ? objects.last?.key : nil)
        }
    }

    package func delete(_ key: String) async throws { try await self.blocking { try $0.delete(key) } }

    package func discard(_ key: String) async {
        let folder = self.folder
        try? await onOwnThread { try folder.delete(key) }
    }

    package func removeUnfinished(
        _ prefix: String,
        olderThan age: Duration,
        where isOwn: @Sendable (String) -> Bool
    ) async throws -> [String] {
        // Only this store makes files of such names.
        try await self.blocking { try $0.removeStaged(prefix, olderThan: age) }
    }

    private func blocking<Result: Sendable>(
        _ work: @escaping @Sendable (LocalFolder) throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let folder = self.folder
        return try await onOwnThread { try work(folder) }
    }
}

/// A staged file that is written off the cooperative pool; only one thread at a time uses it.
private final class LocalUpload: ObjectUpload {
    private struct State {
        var file: StagedFile?
        var size: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ file: sending StagedFile) { self.state = Mutex(State(file: file)) }

    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try await onOwnThread {
            try self.state.withLock { state in
                try bytes.withUnsafeBytes { try state.file?.write($0) }
                state.size += Int64(bytes.count)
            }
        }
    }

    func publish() throws -> Int64 {
        try self.state.withLock { state in
            try state.file?.publish()
            state.file = nil
            return state.size
        }
    }

    /// Lets go of the file, which removes it.
    func abort() { self.state.withLock { $0.file = nil } }
}
