import Failures
import Foundation
import S3
import Signing
import Storage
import Synchronization
import Testing

/// Runs the closure with a store at a faulty server, which has little patience.
func withFaults(
    _ reply: @escaping @Sendable (Int, FaultyServer.Request) -> FaultyServer.Reply,
    change: (inout S3Settings) -> Void = { _ in },
    _ body: (S3ObjectStore, FaultyServer) async throws -> Void
) async throws {
    try await FaultyServer.with(reply) { server in
        let credentials = Credentials(accessKey: "AK", secretKey: Secret("hush"), sessionToken: Secret("whisper"))
        var settings = S3Settings(endpoint: server.endpoint, bucket: "bucket", credentials: credentials)
        settings.retries = RetryPolicy(tries: 4, base: .milliseconds(10), longest: .milliseconds(20))
        settings.idleTimeout = .seconds(30)
        settings.partSize = 5 << 20
        change(&settings)
        try await S3ObjectStore.with(settings) { try await body($0, server) }
    }
}

/// An error's document, as S3 writes it.
func errorDocument(_ code: String, _ more: String = "") -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code><Message>Words of the service</Message>"
        + "\(more)<RequestId>R-1</RequestId></Error>"
}

@Suite("Faults that pass")
struct RetryTests {
    @Test("a status that passes is tried again", arguments: [500, 502, 503, 504, 429, 408])
    func statuses(_ status: Int) async throws {
        let retries = Mutex<[Int]>([])
        try await withFaults { count, _ in
            count < 2 ? .answer(status) : .answer(200)
        } change: {
            $0.onRetry = { retry in retries.withLock { $0.append(retry.tries) } }
        } _: { store, server in
            try await store.put([1, 2, 3], "key")
            #expect(server.requests.map(\.length) == [3, 3, 3])
        }
        #expect(retries.withLock { $0 } == [1, 2])
    }

    @Test(
        "a code that passes is tried again, whatever its status",
        arguments: ["RequestTimeout", "SlowDown", "BadDigest"]
    )
    func codes(_ code: String) async throws {
        try await withFaults { count, _ in
            count == 0 ? .answer(400, body: errorDocument(code)) : .answer(200)
        } _: { store, server in
            try await store.put([1], "key")
            #expect(server.requests.count == 2)
        }
    }

    @Test("a connection that is reset, stalls or is closed is tried again", arguments: [0, 1, 2])
    func connections(_ kind: Int) async throws {
        try await withFaults { count, _ in
            if count > 0 { return .answer(200) }
            return kind == 0 ? .reset : kind == 1 ? .stall : .raw("")
        } change: {
            $0.idleTimeout = .seconds(3)
        } _: { store, server in
            try await store.put([UInt8](repeating: 1, count: 600_000), "key")
            #expect(server.requests.count == 2)
        }
    }

    @Test("what fails for ever ends with the request's id, as temporary")
    func exhausted() async throws {
        try await withFaults { _, _ in
            .answer(503, headers: ["x-amz-request-id": "ID-7"], body: errorDocument("SlowDown"))
        } _: { store, server in
            let failure = await expectFailure(.storageTemporary, containing: "s3://bucket/key", "ID-7", "SlowDown") {
                try await store.put([1], "key")
            }
            #expect(server.requests.count == 4)
            #expect(failure?.description.contains("4 tries") == true)
        }
    }

    @Test("no try is begun after the patience is at its end")
    func patience() async throws {
        try await withFaults { _, _ in
            .stall
        } change: {
            $0.idleTimeout = .seconds(2)
            $0.retries.tries = 100
            $0.retries.patience = .seconds(5)
        } _: { store, server in
            await expectFailure(.storageTemporary, containing: "read timeout") { try await store.put([1], "key") }
            #expect(server.requests.count < 5)
        }
    }

    @Test("a read goes on from the last good byte, and only of the same object")
    func resumed() async throws {
        try await withFaults { count, request in
            let headers = ["content-range": "bytes \(count * 2)-9/10", "etag": "\"tag\""]
            // Two bytes with each try: more of them than there may be without progress.
            if count < 4 { return .short(206, length: 10 - count * 2, headers: headers, body: "ab") }
            return .answer(206, headers: headers, body: "ab")
        } _: { store, server in
            let result = try await store.read("key", 0..<10)
            #expect(result == Array("ababababab".utf8))
            let ranges = server.requests.map { $0.headers["range"] }
            #expect(ranges == ["bytes=0-9", "bytes=2-9", "bytes=4-9", "bytes=6-9", "bytes=8-9"])
            #expect(server.requests.last?.headers["if-match"] == "\"tag\"")
        }
    }

    @Test("a read whose bytes stop coming goes on")
    func truncated() async throws {
        try await withFaults { count, _ in
            // Well-formed, but shorter than the range.
            let headers = ["content-range": "bytes \(count * 5)-9/10"]
            return .answer(206, headers: headers, body: "hello")
        } _: { store, server in
            let result = try await store.read("key", 0..<10)
            #expect(result == Array("hellohello".utf8))
            #expect(server.requests.count == 2)
        }
    }

    @Test("an object that is replaced while it is read is not mixed")
    func replaced() async throws {
        try await withFaults { count, _ in
            if count > 0 { return .answer(412, body: errorDocument("PreconditionFailed")) }
            return .short(206, length: 10, headers: ["content-range": "bytes 0-9/10", "etag": "\"t\""], body: "abc")
        } _: { store, _ in
            await expectFailure(.integrity, containing: "was replaced") { _ = try await store.read("key", 0..<10) }
        }
    }

    @Test("a lost answer to put if absent is not taken for another's object")
    func lostAnswer() async throws {
        for mine in [true, false] {
            try await withFaults { count, request in
                switch (count, request.method) {
                case (0, _): .reset
                case (_, "PUT"): .answer(412, body: errorDocument("PreconditionFailed"))
                case (_, "HEAD"): .answer(200, headers: ["content-length": "2"])
                default: .answer(206, headers: ["content-range": "bytes 0-1/2"], body: mine ? "me" : "it")
                }
            } _: { store, _ in
                let result = try await store.putIfAbsent(Array("me".utf8), "lock")
                #expect(result == mine)
            }
        }
    }

    @Test("a listing that is cut short is asked for again")
    func cutListing() async throws {
        let page =
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a&amp;b</Key><Size>3</Size></Contents>"
        try await withFaults { count, _ in
            .answer(200, body: count == 0 ? page : page + "</ListBucketResult>")
        } _: { store, _ in
            let result = try await store.list("")
            #expect(result == [LocalFolder.Object(key: "a&b", size: 3)])
        }
    }
}
