package import Storage

/// A store that does what another does, but for what its own type does differently.
package protocol ForwardingStore: ObjectStore {
    /// The other store.
    var base: any ObjectStore { get }
}

extension ForwardingStore {
    package var name: String { self.base.name }
    package var keepsMetadata: Bool { self.base.keepsMetadata }
    package func prepare() async throws { try await self.base.prepare() }
    package func put(_ bytes: [UInt8], _ key: String) async throws { try await self.base.put(bytes, key) }
    package func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool {
        try await self.base.putIfAbsent(bytes, key)
    }
    package func upload(
        _ key: String,
        expecting expected: Int64,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64 { try await self.base.upload(key, expecting: expected, body) }
    package func read(_ key: String, _ range: Range<Int64>) async throws -> [UInt8] {
        try await self.base.read(key, range)
    }
    package func head(_ key: String) async throws -> ObjectFacts? { try await self.base.head(key) }
    package func setMetadata(_ key: String, _ metadata: [String: String]) async throws {
        try await self.base.setMetadata(key, metadata)
    }
    package func list(_ prefix: String, page: String?, limit: Int) async throws -> ObjectPage {
        try await self.base.list(prefix, page: page, limit: limit)
    }
    package func delete(_ key: String) async throws { try await self.base.delete(key) }
    package func discard(_ key: String) async { await self.base.discard(key) }
    package func removeUnfinished(
        _ prefix: String,
        olderThan age: Duration,
        where isOwn: @Sendable (String) -> Bool
    ) async throws -> [String] { try await self.base.removeUnfinished(prefix, olderThan: age, where: isOwn) }
}
