import Failures
import Signing
import Storage
import Synchronization
import Testing

@testable import S3

@Suite("Credentials that expire")
struct CredentialTests {
    private static func credentials(_ key: String) -> Credentials {
        Credentials(accessKey: key, secretKey: Secret("hush"), sessionToken: Secret("whisper"))
    }

    /// Refuses all accounts but one.
    private static func reply(_ request: FaultyServer.Request, code: String, accepted: String) -> FaultyServer.Reply {
        if request.headers["authorization"]?.contains("Credential=\(accepted)/") == true {
            return .answer(200, headers: request.method == "HEAD" ? ["content-length": "1"] : [:])
        }
        return .answer(400, body: request.method == "HEAD" ? "" : errorDocument(code))
    }

    @Test(
        "new credentials are asked for once, by all requests together",
        arguments: ["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestExpired"]
    )
    func refreshed(_ code: String) async throws {
        let calls = Mutex(0)
        let refused = Mutex(0)
        try await withFaults { _, request in
            let reply = Self.reply(request, code: code, accepted: "FRESH")
            if case .answer(400, _, _) = reply { refused.withLock { $0 += 1 } }
            return reply
        } change: {
            $0.refresh = {
                calls.withLock { $0 += 1 }
                // Until all have been refused, so that they have to wait for one another.
                while refused.withLock({ $0 < 8 }) { try await Task.sleep(for: .milliseconds(5)) }
                return Self.credentials("FRESH")
            }
        } _: { store, server in
            try await withThrowingTaskGroup { group in
                for index in 0..<8 { group.addTask { try await store.put([1], "key-\(index)") } }
                try await group.waitForAll()
            }
            try await store.put([1], "later")
            #expect(server.requests.count == 17)
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("a lookup, whose refusal has no words, is signed again as well")
    func lookup() async throws {
        try await withFaults { _, request in
            if request.method == "GET", request.headers["authorization"]?.contains("FRESH") == true {
                return .answer(206, headers: ["content-range": "bytes 0-0/1"], body: "x")
            }
            return Self.reply(request, code: "ExpiredToken", accepted: "FRESH")
        } change: {
            $0.refresh = { Self.credentials("FRESH") }
        } _: { store, _ in
            let facts = try await store.head("key")
            #expect(facts?.size == 1)
        }
    }

    @Test("credentials that are the same, or refused as well, end the request", arguments: ["AK", "OTHER"])
    func useless(_ key: String) async throws {
        let calls = Mutex(0)
        try await withFaults { _, request in
            Self.reply(request, code: "ExpiredToken", accepted: "NOBODY")
        } change: {
            $0.refresh = {
                calls.withLock { $0 += 1 }
                return Self.credentials(key)
            }
        } _: { store, server in
            await expectFailure(.storage, containing: "session token has expired", "temporary credentials") {
                try await store.put([1], "key")
            }
            #expect(server.requests.count == (key == "AK" ? 1 : 2))
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("an error of the source of credentials ends all requests that wait for it")
    func failing() async throws {
        let refused = Mutex(0)
        try await withFaults { _, request in
            refused.withLock { $0 += 1 }
            return Self.reply(request, code: "ExpiredToken", accepted: "NOBODY")
        } change: {
            $0.refresh = {
                while refused.withLock({ $0 < 4 }) { try await Task.sleep(for: .milliseconds(5)) }
                throw Failure(.storage, "There are no credentials")
            }
        } _: { store, _ in
            await withTaskGroup { group in
                for index in 0..<4 {
                    group.addTask {
                        _ = await expectFailure(.storage, containing: "no credentials") {
                            try await store.put([1], "key-\(index)")
                        }
                    }
                }
            }
        }
    }

    @Test("who is cancelled while it asks leaves that to those that wait")
    func handedOver() async throws {
        let calls = Mutex(0)
        let old = Self.credentials("OLD")
        let source = CredentialSource(old) {
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            if call == 1 { try await Task.sleep(for: .seconds(3600)) }
            return Self.credentials("FRESH")
        }
        try await withThrowingTaskGroup { leaders in
            leaders.addTask { _ = try await source.renew(after: old) }
            let deadline = ContinuousClock.now + .seconds(60)
            while calls.withLock({ $0 == 0 }), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            async let follower = source.renew(after: old)
            leaders.cancelAll()
            await #expect(throws: CancellationError.self) { try await leaders.waitForAll() }
            #expect(try await follower)
        }
        #expect(source.current.accessKey == "FRESH")
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("who waits is told at once when it is cancelled itself")
    func cancelledFollower() async throws {
        let source = CredentialSource(Self.credentials("OLD")) {
            try await Task.sleep(for: .seconds(3600))
            return Self.credentials("FRESH")
        }
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { _ = try await source.renew(after: Self.credentials("OLD")) } }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(source.current.accessKey == "OLD")
    }

    @Test("an object's address has the bucket and the prefix")
    func url() async throws {
        for prefix in ["", "a/b"] {
            try await withFaults { _, _ in
                .answer(200)
            } change: {
                $0.prefix = prefix
            } _: { store, _ in
                let url = store.url("c d")
                #expect(url == (prefix.isEmpty ? "s3://bucket/c d" : "s3://bucket/a/b/c d"))
            }
        }
    }
}
