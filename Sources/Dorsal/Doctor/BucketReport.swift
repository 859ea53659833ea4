import Blocking
import Failures
import Foundation
import S3
import Storage

/// What came of trying out the bucket.
struct BucketReport: Sendable {
    /// The bucket's address.
    let name: String
    let probe: StorageProbe
    /// Who holds the instance's lock there; nil when nobody does.
    let holder: Result<Failure?, Failure>
    /// How long ago each unfinished upload was begun, in seconds; or why that could not be told.
    let unfinished: Result<[Double], Failure>
}

extension Doctor {
    func tryBucket(_ limit: TimeLimit) async throws -> Result<BucketReport, Failure>? {
        guard self.wants(.s3), let s3 = self.configuration.repository.s3 else { return nil }
        return try await limit.ask("s3://\(s3.bucket)", .storageTemporary) {
            try await S3ObjectStore.with(try await Self.impatient(s3)) { store in
                let probe = try await store.probe()
                guard probe[.reach] == nil, let terms = self.configuration.remoteLock else {
                    return BucketReport(name: store.name, probe: probe, holder: .success(nil), unfinished: .success([]))
                }
                return BucketReport(
                    name: store.name,
                    probe: probe,
                    holder: try await Self.answer { try await StoreLock.holder(store, terms) },
                    unfinished: try await Self.answer {
                        try await store.unfinished("\(self.configuration.instance.name)/")
                            .map { -$0.begun.timeIntervalSinceNow }
                    }
                )
            }
        }
    }

    /// Settings that give up soon, with small parts.
    static func impatient(_ settings: Configuration.S3Settings) async throws -> S3Settings {
        var quick = try await untilCancelled {
            try S3Settings(settings, RunLog { _ in }, within: Self.secretLimit)
        }
        quick.connectTimeout = .seconds(3)
        quick.idleTimeout = min(quick.idleTimeout, .seconds(3))
        quick.retries = RetryPolicy(tries: 2, base: .milliseconds(200), patience: .seconds(3))
        quick.partSize = 5 << 20
        return quick
    }

    static func answer<Answer>(_ body: () async throws -> Answer) async throws -> Result<Answer, Failure> {
        do {
            return .success(try await body())
        } catch let failure as Failure {
            return .failure(failure)
        }
    }
}
