import Failures
import Foundation
import S3
import Signing
import Storage
import TestSupport
import Testing

@Suite("What a user of S3 gets wrong first")
struct RefusalTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let code: String
        let status: Int
        var headers: [String: String] = [:]
        var more = ""
        let message: String
        let hint: String
        var testDescription: String { self.code }
    }

    static let mistakes = [
        Mistake(code: "NoSuchBucket", status: 404, message: "there is no bucket \"bucket\"", hint: "bucket's name"),
        Mistake(
            code: "PermanentRedirect",
            status: 301,
            headers: ["x-amz-bucket-region": "eu-west-3"],
            message: "is in the region eu-west-3, not in us-east-1",
            hint: "Set the region to eu-west-3"
        ),
        Mistake(
            code: "AuthorizationHeaderMalformed",
            status: 400,
            more: "<Region>eu-west-2</Region>",
            message: "is in the region eu-west-2",
            hint: "Set the region to eu-west-2"
        ),
        Mistake(
            code: "InvalidAccessKeyId",
            status: 403,
            message: "does not know the access key AK",
            hint: "access key"
        ),
        Mistake(code: "SignatureDoesNotMatch", status: 403, message: "the secret key", hint: "Correct the secret key"),
        Mistake(code: "ExpiredToken", status: 400, message: "session token has expired", hint: "temporary credentials"),
        Mistake(
            code: "RequestTimeTooSkewed",
            status: 403,
            more: "<ServerTime>2001-02-03T04:05:06Z</ServerTime>",
            message: "2001-02-03T04:05:06Z there",
            hint: "Set this machine's clock"
        ),
        Mistake(code: "AccessDenied", status: 403, message: "may not do this", hint: "Allow it s3:PutObject"),
        Mistake(code: "NotImplemented", status: 501, message: "does not support", hint: ""),
        Mistake(code: "QuotaExceeded", status: 403, message: "the storage is full", hint: "quota"),
    ]

    @Test("each mistake has its message and remedy, at once", arguments: mistakes)
    func mistake(_ mistake: Mistake) async throws {
        try await withFaults { _, _ in
            .answer(mistake.status, headers: mistake.headers, body: errorDocument(mistake.code, mistake.more))
        } _: { store, server in
            let failure = await expectFailure(.storage, containing: mistake.message, "s3://bucket/key", "R-1") {
                try await store.put([1], "key")
            }
            #expect(server.requests.count == 1)
            #expect(mistake.hint.isEmpty || failure?.hint?.contains(mistake.hint) == true, "\(failure?.hint ?? "")")
            let words = "\(failure?.description ?? "")\(store)"
            #expect(!words.contains("hush") && !words.contains("whisper"))
        }
    }

    @Test("a lookup tells a missing bucket from a missing object")
    func lookup() async throws {
        for code in ["NoSuchBucket", "NoSuchKey"] {
            try await withFaults { _, request in
                request.method == "HEAD" ? .answer(404) : .answer(404, body: errorDocument(code))
            } _: { store, _ in
                if code == "NoSuchKey" {
                    let facts = try await store.head("key")
                    #expect(facts == nil)
                } else {
                    await expectFailure(.storage, containing: "there is no bucket") { _ = try await store.head("key") }
                }
            }
        }
    }

    @Test("https to a server of http, and http to one of https")
    func schemes() async throws {
        try await withFaults { _, _ in
            .answer(200)
        } change: {
            $0.endpoint = $0.endpoint?.replacing("http:", with: "https:")
        } _: { store, _ in
            await expectFailure(.storage, containing: "does not speak https", "Write http://") {
                try await store.put([1], "key")
            }
        }
        // A TLS alert, and the page that most servers send instead.
        try await withFaults { _, _ in
            .raw("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{16}")
        } _: { store, _ in
            await expectFailure(.storage, containing: "Write https://") { try await store.put([1], "key") }
        }
        try await withFaults { _, _ in
            .answer(400, body: "Client sent an HTTP request to an HTTPS server.")
        } _: { store, _ in
            await expectFailure(.storage, containing: "Write https://") { try await store.put([1], "key") }
        }
    }

    @Test("an endpoint where nobody listens")
    func nobody() async throws {
        var settings = S3Settings(
            endpoint: "http://127.0.0.1:9",
            bucket: "bucket",
            credentials: Credentials(accessKey: "AK", secretKey: Secret("hush"))
        )
        settings.retries = RetryPolicy(tries: 2, base: .milliseconds(1))
        try await S3ObjectStore.with(settings) { store in
            _ = await expectFailure(.storageTemporary, containing: "127.0.0.1:9", "firewall") {
                try await store.put([1], "key")
            }
        }
        settings.endpoint = "s3.example.com"
        await expectFailure(.usage, containing: "http://") { try await S3ObjectStore.with(settings) { _ in } }
        settings.endpoint = nil
        settings.certificates = "/nowhere.pem"
        await expectFailure(.storage, containing: "/nowhere.pem") { try await S3ObjectStore.with(settings) { _ in } }
    }

    @Test("requests have a length, a signed body and the session's token")
    func headers() async throws {
        try await withFaults { _, _ in
            .answer(200)
        } _: { store, server in
            try await store.put(Array("abc".utf8), "a b")
            let request = try #require(server.requests.first)
            #expect(request.uri == "/bucket/a%20b")
            #expect(request.headers["content-length"] == "3")
            #expect(request.headers["transfer-encoding"] == nil)
            #expect(request.headers["x-amz-content-sha256"] == Signer.sha256("abc".utf8))
            #expect(request.headers["x-amz-security-token"] == "whisper")
            #expect(
                request.headers["authorization"]?.contains("host;x-amz-content-sha256;x-amz-date;x-amz-security")
                    == true
            )
        }
    }
}

extension RealServerTests {
    @Suite("Mistakes at a real server")
    struct RealRefusalTests {
        @Test("SeaweedFS tells what is wrong", .s3Servers)
        func seaweedfs() async throws {
            var settings = try await S3Server.shared(.seaweedfs).settings()
            settings.onRetry = { Issue.record("\($0)") }
            settings.credentials = Credentials(accessKey: S3Server.account.accessKey, secretKey: Secret("wrong"))
            try await S3ObjectStore.with(settings) { store in
                await expectFailure(.storage, containing: "secret key") { try await store.put([1], "key") }
                await expectFailure(.storage, containing: "secret key") { _ = try await store.head("key") }
                await expectFailure(.storage, containing: "secret key") { try await store.prepare() }
            }
            settings.credentials = Credentials(accessKey: "nobody", secretKey: Secret("wrong"))
            try await S3ObjectStore.with(settings) { store in
                _ = await expectFailure(.storage, containing: "does not know the access key nobody") {
                    try await store.put([1], "key")
                }
            }
            settings.credentials = S3Server.reader
            try await S3ObjectStore.with(settings) { store in
                try await store.prepare()
                await expectFailure(.storage, containing: "s3:PutObject") { try await store.put([1], "key") }
            }
        }

        @Test("a clock that is wrong is told, with both times", .s3Servers, arguments: [-1200.0, 1200])
        func clock(_ seconds: Double) async throws {
            var settings = try await S3Server.shared(.seaweedfs).settings()
            settings.now = { Date(timeIntervalSinceNow: seconds) }
            settings.onRetry = { Issue.record("\($0)") }
            try await S3ObjectStore.with(settings) { store in
                let year = Date().ISO8601Format().prefix(4)
                _ = await expectFailure(.storage, containing: "clock differs", "\(year)-", "there") {
                    try await store.put([1], "key")
                }
            }
        }

        @Test("a missing bucket is named", .s3Servers, arguments: StoreKind.s3)
        func noBucket(_ kind: StoreKind) async throws {
            var settings = try await S3Server.shared(#require(kind.server)).settings()
            settings.bucket = "missing"
            settings.onRetry = { Issue.record("\($0)") }
            try await S3ObjectStore.with(settings) { store in
                await expectFailure(.storage, containing: "there is no bucket") { try await store.prepare() }
                await expectFailure(.storage, containing: "there is no bucket") { _ = try await store.head("key") }
            }
        }
    }
}
