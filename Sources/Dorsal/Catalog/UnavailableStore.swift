import Failures
import Storage

/// A place that cannot even be asked, because its account or certificates are not to be had: every call says why.
struct UnavailableStore: ObjectStore {
    let name: String
    let keepsMetadata = false
    private let failure: Failure

    init(_ settings: Configuration.S3Settings, _ failure: Failure) {
        self.name = ["s3:/", settings.bucket, settings.prefix].filter { !$0.isEmpty }.joined(separator: "/")
        self.failure = failure
    }

    func prepare() async throws { throw self.failure }
    func put(_ bytes: [UInt8], _ key: String) async throws { throw self.failure }
    func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool { throw self.failure }
    func upload(
        _ key: String,
        expecting expected: Int64,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64 { throw self.failure }
    func read(_ key: String, _ range: Range<Int64>) async throws -> [UInt8] { throw self.failure }
    func head(_ key: String) async throws -> ObjectFacts? { throw self.failure }
    func setMetadata(_ key: String, _ metadata: [String: String]) async throws { throw self.failure }
    func list(_ prefix: String, page: String?, limit: Int) async throws -> ObjectPage { throw self.failure }
    func delete(_ key: String) async throws { throw self.failure }
    func discard(_ key: String) async {}
    func removeUnfinished(
        _ prefix: String,
        olderThan age: Duration,
        where isOwn: @Sendable (String) -> Bool
    ) async throws -> [String] { throw self.failure }
}
