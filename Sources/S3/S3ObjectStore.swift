import AsyncHTTPClient
import Failures
import Foundation
import NIOCore
import NIOSSL
package import Storage

/// A bucket of an S3-compatible service, or what lies in it below a prefix, as an object store.
///
/// Only what every such service takes is used: requests with a length and a signed SHA-256 of the body, without
/// checksums of later days and without chunked signatures.
package struct S3ObjectStore: ObjectStore {
    let client: S3Client

    /// Runs the closure with a store, whose connections are closed afterwards.
    ///
    /// - Throws: ``Failure`` of class usage when the endpoint is no URL, and of class storage when the certificates
    ///   cannot be read; else what the closure throws.
    package static func with<Result>(
        _ settings: S3Settings,
        _ body: (S3ObjectStore) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // A signed request must not go elsewhere, and the bytes of an object stay as they are.
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.timeout = .init(
            connect: TimeAmount(settings.connectTimeout),
            read: TimeAmount(settings.idleTimeout),
            write: TimeAmount(settings.idleTimeout)
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(16, settings.partsInFlight * 2)
        // The store tries again by itself, and says so.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = settings.addresses
        if let path = settings.certificates { configuration.tlsConfiguration = try self.trusting(path) }
        return try await HTTPClient.withHTTPClient(configuration: configuration) { http in
            try await body(S3ObjectStore(client: S3Client(settings, http: http)))
        }
    }

    private static func trusting(_ path: String) throws -> TLSConfiguration {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            return configuration
        } catch {
            throw Failure(
                .storage,
                "Cannot read certificates from \(path)",
                cause: "\(error)",
                hint: "It must be a readable file of certificates in PEM form."
            )
        }
    }

    package var name: String {
        self.client.failures.name(self.client.settings.prefix.isEmpty ? nil : self.client.settings.prefix)
    }

    package var keepsMetadata: Bool { true }

    /// An object's address, as people write it: `s3://bucket/prefix/key`.
    package func url(_ key: String) -> String { self.client.failures.name(self.start + key) }

    package func prepare() async throws { _ = try await self.list("", page: nil, limit: 1) }

    package func put(_ bytes: [UInt8], _ key: String) async throws {
        _ = try await self.client.perform(self.putRequest(ByteBuffer(bytes: bytes), try self.full(key)))
    }

    package func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool {
        var request = self.putRequest(ByteBuffer(bytes: bytes), try self.full(key))
        request.headers = [(name: "if-none-match", value: "*")]
        // Old MinIO says 304.
        let answer = try await self.client.perform(request) {
            $0.status == 412 || $0.status == 304 || $0.refusesConditions
        }
        if let error = answer.error, error.refusesConditions {
            throw UnsupportedOperation(self.client.failures.failure(error, request))
        }
        guard answer.error != nil else { return true }
        guard answer.failures > 0 else { return false }
        // A try before this one may have put it, with the answer lost; an object that is gone again was another's.
        guard let facts = try await self.head(key), facts.size == bytes.count else { return false }
        return try await self.read(key, 0..<Int64(bytes.count)) == bytes
    }

    package func head(_ key: String) async throws -> ObjectFacts? {
        guard let answer = try await self.lookUp(self.full(key)) else { return nil }
        let prefix = "x-amz-meta-"
        let pairs = answer.headers.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
        return ObjectFacts(
            size: try self.size(of: key, answer),
            metadata: Dictionary(pairs) { first, _ in first },
            age: Self.age(answer)
        )
    }

    /// An object's length, as the answer to a lookup has it.
    func size(of key: String, _ answer: S3Answer) throws -> Int64 {
        guard let size = answer.headers["content-length"].flatMap({ Int64($0) }) else {
            throw Failure(.storage, "Cannot look up \(self.url(key)): the answer has no length")
        }
        return size
    }

    /// Looks up an object; nil when there is none.
    func lookUp(_ full: String) async throws -> S3Answer? {
        let request = S3Request(operation: "look up", permission: "s3:GetObject", method: "HEAD", key: full)
        var answer = try await self.client.perform(request) { !$0.mayPass }
        if answer.error != nil {
            // An answer to HEAD has no body, which would say whether the object or the bucket is missing, or what is
            // wrong with the account; that to a GET has one.
            guard try await self.explain(full) else { return nil }
            // The GET got through, perhaps with newer credentials.
            answer = try await self.client.perform(request)
        }
        return answer
    }

    /// How old an object is by the service's own clock, which need not be right.
    private static func age(_ answer: S3Answer) -> Duration? {
        guard let written = answer.headers["last-modified"].flatMap({ HTTPDate.parse($0) }),
            let now = answer.headers["date"].flatMap({ HTTPDate.parse($0) })
        else { return nil }
        return .seconds(max(0, now.timeIntervalSince(written)))
    }

    /// Finds out why an object could not be looked up: throws the reason, and tells whether the object is there.
    private func explain(_ full: String) async throws -> Bool {
        var request = S3Request(operation: "look up", permission: "s3:GetObject", method: "GET", key: full)
        request.headers = [(name: "range", value: "bytes=0-0")]
        // An empty object has no such range, but is there.
        let answer = try await self.client.perform(request) { error in
            error.status == 416 || (error.status == 404 && error.code != "NoSuchBucket")
        }
        return answer.error?.status != 404
    }

    package func delete(_ key: String) async throws {
        _ = try await self.client.perform(self.deletion(of: try self.full(key))) { $0.code == "NoSuchKey" }
    }

    package func discard(_ key: String) async {
        guard let full = try? self.full(key) else { return }
        await self.client.sendAnyway(self.deletion(of: full))
    }

    private func deletion(of full: String) -> S3Request {
        S3Request(operation: "delete", permission: "s3:DeleteObject", method: "DELETE", key: full)
    }

    func putRequest(_ bytes: ByteBuffer, _ key: String) -> S3Request {
        S3Request(operation: "put", permission: "s3:PutObject", method: "PUT", key: key, body: bytes)
    }

    /// A key with the store's prefix.
    func full(_ key: String) throws -> String {
        try ObjectKey.validate(key)
        return self.start + key
    }

    /// What comes before every key: the prefix, with a "/" at its end.
    var start: String {
        let prefix = self.client.settings.prefix
        return prefix.isEmpty ? "" : prefix + "/"
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
