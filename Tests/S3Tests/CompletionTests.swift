import Failures
import Foundation
import S3
import Storage
import Synchronization
import Testing

@Suite("Uploads at a faulty server")
struct CompletionTests {
    private static let done = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"

    /// Answers an upload's requests, but for those that complete it.
    private static func reply(
        _ request: FaultyServer.Request,
        completing: FaultyServer.Reply,
        part: FaultyServer.Reply = .answer(200, headers: ["etag": "\"e\""])
    ) -> FaultyServer.Reply {
        switch request.method {
        case "POST" where request.uri.contains("uploads"):
            .answer(200, body: "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>")
        case "POST": completing
        case "PUT": part
        case "HEAD": .answer(200, headers: ["content-length": "6291456"])
        default: .answer(204)
        }
    }

    private func upload(_ store: S3ObjectStore) async throws {
        try await store.upload("key") { try await $0.write([UInt8](repeating: 1, count: 6 << 20)) }
    }

    private func completions(_ server: FaultyServer) -> Int {
        server.requests.filter { $0.method == "POST" && !$0.uri.contains("uploads") }.count
    }

    private func abortions(_ server: FaultyServer) -> Int { server.requests.filter { $0.method == "DELETE" }.count }

    @Test("success with an error in it, or cut short, is no success", arguments: [0, 1, 2])
    func errorInSuccess(_ kind: Int) async throws {
        let bodies = ["\n \n" + errorDocument("InternalError"), "<CompleteMultipartUploadRes", "   "]
        try await withFaults { count, request in
            Self.reply(request, completing: .answer(200, body: count < 5 ? bodies[kind] : "  \n" + Self.done))
        } _: { store, server in
            try await self.upload(store)
            #expect(self.completions(server) > 1)
            #expect(self.abortions(server) == 0)
        }
    }

    @Test("an error in every success ends the upload, and aborts it")
    func errorForEver() async throws {
        try await withFaults { _, request in
            Self.reply(request, completing: .answer(200, body: errorDocument("InternalError")))
        } _: { store, server in
            await expectFailure(.storageTemporary, containing: "InternalError") { try await self.upload(store) }
            #expect(self.completions(server) == 4)
            #expect(self.abortions(server) == 1)
        }
    }

    @Test("an upload that an earlier try completed is done")
    func completedBefore() async throws {
        try await withFaults { count, request in
            Self.reply(request, completing: count < 4 ? .reset : .answer(404, body: errorDocument("NoSuchUpload")))
        } _: { store, server in
            try await self.upload(store)
            #expect(self.abortions(server) == 0)
        }
    }

    @Test("parts of a copy that fail are tried again, and end it where they are refused", arguments: [true, false])
    func copiedParts(_ passes: Bool) async throws {
        let part = "<CopyPartResult><ETag>e</ETag></CopyPartResult>"
        let seen = Mutex<Set<String>>([])
        try await withFaults { _, request in
            guard request.method == "PUT" else { return Self.reply(request, completing: .answer(200, body: Self.done)) }
            // Success with an error in it.
            let isFirst = seen.withLock { $0.insert(request.uri).inserted }
            if passes { return .answer(200, body: isFirst ? errorDocument("InternalError") : part) }
            return .answer(412, body: errorDocument("PreconditionFailed"))
        } change: {
            $0.copyLimit = 2 << 20
        } _: { store, server in
            if passes {
                try await store.setMetadata("key", ["a": "b"])
                let puts = server.requests.filter { $0.method == "PUT" }
                #expect(puts.count == 6)
                #expect(Set(puts.compactMap { $0.headers["x-amz-copy-source-range"] }).count == 3)
                #expect(self.abortions(server) == 0)
            } else {
                await expectFailure(.storage, containing: "PreconditionFailed") {
                    try await store.setMetadata("key", ["a": "b"])
                }
                #expect(self.completions(server) == 0)
                #expect(self.abortions(server) == 1)
            }
        }
    }

    @Test("an upload that is given up before its id is known is aborted")
    func givenUpEarly() async throws {
        struct Stop: Error {}
        let begun = "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>"
        try await withFaults { _, request in
            request.method == "POST" ? .late(500, body: begun) : .answer(204)
        } _: { store, server in
            await #expect(throws: Stop.self) {
                try await store.upload("key") { upload in
                    try await upload.write([UInt8](repeating: 1, count: 6 << 20))
                    let deadline = ContinuousClock.now + .seconds(60)
                    while server.requests.isEmpty, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    throw Stop()
                }
            }
            #expect(server.requests.map(\.method) == ["POST", "DELETE"])
            #expect(server.requests.last?.uri.contains("uploadId=U") == true)
        }
    }

    @Test("parts that fail together wait together")
    func overlappingWaits() async throws {
        let first = Mutex<Set<String>>([])
        let waits = Mutex<[Duration]>([])
        try await withFaults { _, request in
            let isFirst = request.method == "PUT" && first.withLock { $0.insert(request.uri).inserted }
            return Self.reply(
                request,
                completing: .answer(200, body: Self.done),
                part: isFirst ? .answer(503) : .answer(200, headers: ["etag": "e"])
            )
        } change: {
            $0.retries = RetryPolicy(tries: 4, base: .seconds(4), longest: .seconds(4))
            $0.onRetry = { retry in waits.withLock { $0.append(retry.delay) } }
        } _: { store, server in
            // The answers to lookups say 6 MiB; here only the order of the requests counts.
            _ = try? await store.upload("key") { upload in
                for _ in 0..<4 { try await upload.write([UInt8](repeating: 1, count: 5 << 20)) }
            }
            let puts = server.requests.filter { $0.method == "PUT" }.map(\.uri)
            // All four had failed before the first was sent again.
            #expect(Set(puts.prefix(4)).count == 4)
            #expect(puts.count == 8)
        }
        #expect(waits.withLock { $0.count } == 4)
    }

    @Test("a part that is refused ends the upload at once, and aborts it")
    func refusedPart() async throws {
        try await withFaults { _, request in
            Self.reply(request, completing: .answer(500), part: .answer(403, body: errorDocument("AccessDenied")))
        } _: { store, server in
            await expectFailure(.storage, containing: "s3:PutObject") {
                try await store.upload("key") { upload in
                    for _ in 0..<100 { try await upload.write([UInt8](repeating: 1, count: 5 << 20)) }
                }
            }
            #expect(self.abortions(server) == 1)
            #expect(self.completions(server) == 0)
        }
    }

    @Test("the parts of an upload fit the limit, whatever its size")
    func partSizes() {
        for (limit, expected) in [(10_000, Int64(0)), (10_000, 1 << 40), (1000, 0), (1000, 3 << 40)] {
            let sizes = PartSizes(limit: limit, expecting: expected)
            let all = (1...limit).map { sizes.size(ofPart: $0) }
            #expect(all == all.sorted())
            #expect(all.allSatisfy { (5 << 20...4095 << 20).contains($0) })
            #expect(all.reduce(0, +) >= (limit == 10_000 ? 5 << 40 : expected > 0 ? 3 << 40 : 400 << 30))
        }
        #expect(PartSizes().size(ofPart: 1) == 8 << 20)
        #expect(PartSizes().size(ofPart: 2500) == 8 << 20)
    }
}
