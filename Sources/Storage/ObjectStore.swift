package import Failures

/// Somewhere backups are kept: objects by key, in a folder or in an S3-compatible service.
///
/// A key is a relative path, with "/" between its components; no component is empty, "." or "..", or starts with
/// ".dorsal-". The rules that every kind of store keeps:
///
/// - An object is there as a whole or not at all, also while it is being put, and after a put that failed. What was
///   put is durable when the call returns.
/// - A put replaces what is there, except for ``putIfAbsent(_:_:)``.
/// - What a call has put, the next one sees, whatever process makes it: lookups, reads and listings are consistent.
/// - A call tries again by itself where that may help. What it throws in the end is a ``Failure``, or a
///   `CancellationError` when its task was cancelled, which it notices soon.
/// - All calls may be made at the same time, from any task.
package protocol ObjectStore: Sendable {
    /// Where the store is, for messages: a folder's path or an address. It contains no secret.
    var name: String { get }

    /// Whether ``setMetadata(_:_:)`` keeps what it is given.
    var keepsMetadata: Bool { get }

    /// Makes the store usable where this tool may do so: a folder is made, a bucket only looked at.
    func prepare() async throws

    /// Puts an object.
    func put(_ bytes: [UInt8], _ key: String) async throws

    /// Puts an object unless one exists; of several that try at once, exactly one succeeds.
    ///
    /// - Returns: Whether the object was put.
    /// - Throws: ``Failure`` of class storage; ``UnsupportedOperation`` when the store has no such operation.
    func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool

    /// Puts an object of unknown length, which the closure writes piece by piece.
    ///
    /// The object is completed when the closure returns. When it throws, or the task is cancelled, the upload is
    /// aborted: an object that was there stays as it was, and nothing is left over.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - expected: About how many bytes to expect, 0 if that is not known. It may be wrong.
    ///   - body: Writes the object.
    /// - Returns: The object's length in bytes.
    func upload(
        _ key: String,
        expecting expected: Int64,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64

    /// Reads a part of an object; what lies behind its end is left out, so that the answer may be shorter, or empty.
    ///
    /// - Throws: ``Failure`` of class storage when there is no such object, and of class integrity when the object
    ///   is replaced while it is read.
    func read(_ key: String, _ range: Range<Int64>) async throws -> [UInt8]

    /// Looks up an object; nil when there is none.
    func head(_ key: String) async throws -> ObjectFacts?

    /// Gives an object names and values of its own, instead of those it had, without transferring it again.
    ///
    /// - Parameters:
    ///   - key: The object, which must exist.
    ///   - metadata: Lower-case names of letters, digits and "-"; printable ASCII values. 2 KB in all.
    func setMetadata(_ key: String, _ metadata: [String: String]) async throws

    /// Lists one page of the objects whose keys start with a prefix.
    ///
    /// Each object is on one page. Most stores go by the byte order of the keys, but not all: SeaweedFS goes folder by
    /// folder.
    ///
    /// - Parameters:
    ///   - prefix: The start of the keys, which need not end at a "/"; empty lists everything.
    ///   - page: Which page: nil for the first, then what the page before says.
    ///   - limit: The most objects the page may have, up to 1000.
    func list(_ prefix: String, page: String?, limit: Int) async throws -> ObjectPage

    /// Deletes an object; one that does not exist is no error.
    func delete(_ key: String) async throws

    /// Deletes an object if that can be done, also in a task that is cancelled.
    func discard(_ key: String) async

    /// Removes what uploads of processes that were killed have left behind.
    ///
    /// - Parameters:
    ///   - prefix: The start of the keys that were being put.
    ///   - age: Only what was begun at least so long ago is removed: a younger one may be going on.
    ///   - isOwn: Whether a key is one that may be removed.
    /// - Returns: The keys that were being put.
    func removeUnfinished(
        _ prefix: String,
        olderThan age: Duration,
        where isOwn: @Sendable (String) -> Bool
    ) async throws -> [String]
}

/// Thrown where a store does not know an operation at all.
package struct UnsupportedOperation: Error {
    /// The same for people.
    package let failure: Failure

    /// Says which operation it was.
    package init(_ failure: Failure) { self.failure = failure }
}

/// An object that is being written, see ``ObjectStore/upload(_:expecting:_:)``.
package protocol ObjectUpload: Sendable {
    /// Takes the next bytes, and waits while too many are on their way. Only one call may go on at a time.
    func write(_ bytes: [UInt8]) async throws
}

/// What a store knows about an object.
package struct ObjectFacts: Sendable, Equatable {
    /// The object's length, in bytes.
    package let size: Int64
    /// The names and values it was given; always empty where the store keeps none.
    package let metadata: [String: String]
    /// How long ago the object was last written, both times by the store's own clock; nil where it does not tell.
    ///
    /// It may be off by a second or two. Changing the metadata may count as writing.
    package let age: Duration?

    /// Makes facts.
    package init(size: Int64, metadata: [String: String] = [:], age: Duration? = nil) {
        self.size = size
        self.metadata = metadata
        self.age = age
    }
}

/// One page of a listing.
package struct ObjectPage: Sendable, Equatable {
    /// The page's objects.
    package let objects: [LocalFolder.Object]
    /// The page that follows; nil when this is the last.
    package let next: String?

    /// Makes a page.
    package init(objects: [LocalFolder.Object], next: String?) {
        self.objects = objects
        self.next = next
    }
}

extension ObjectStore {
    /// Removes what uploads of processes that were killed have left behind, whatever its key is.
    package func removeUnfinished(_ prefix: String, olderThan age: Duration) async throws -> [String] {
        try await self.removeUnfinished(prefix, olderThan: age) { _ in true }
    }

    /// Puts an object of unknown length, about which nothing is known.
    @discardableResult
    package func upload(
        _ key: String,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64 {
        try await self.upload(key, expecting: 0, body)
    }

    /// Lists all objects whose keys start with a prefix, in byte order of the keys.
    package func list(_ prefix: String) async throws -> [LocalFolder.Object] {
        var objects: [LocalFolder.Object] = []
        var page: String?
        repeat {
            let found = try await self.list(prefix, page: page, limit: 1000)
            objects += found.objects
            page = found.next
        } while page != nil
        return objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
