import Failures
import Foundation
import S3
import Signing
import Storage
import TestSupport
import Testing

extension RealServerTests {
    @Suite("Trying out a bucket", .s3Servers)
    struct ProbeTests {
        @Test("a good service has no faults, and keeps nothing of it", arguments: S3Server.Kind.allCases)
        func good(_ kind: S3Server.Kind) async throws {
            try await S3ObjectStore.with(try await S3Server.shared(kind).settings()) { store in
                let probe = try await store.probe()
                #expect(probe.isGood, "\(probe.findings)")
                #expect(probe.conditionalPut == .supported)
                #expect(probe.findings.map(\.step) == StorageProbe.Step.allCases)
                let difference = try #require(probe.clockDifference)
                #expect(abs(difference.components.seconds) < 120)
                let keys = try await store.list("")
                #expect(keys == [])
            }
        }

        @Test("an account that may only read is told what it lacks")
        func reader() async throws {
            var settings = try await S3Server.shared(.seaweedfs).settings()
            settings.credentials = S3Server.reader
            try await S3ObjectStore.with(settings) { store in
                let probe = try await store.probe()
                #expect(!probe.isGood)
                #expect(probe[.reach] == nil)
                #expect(probe[.write]?.hint?.contains("s3:PutObject") == true)
                // What needs an object is not tried without one.
                #expect(probe.findings.map(\.step) == [.reach, .clock, .write])
            }
        }

        @Test("a clock that is wrong is found, whether the service minds or not", arguments: [600.0, -3600])
        func clock(_ seconds: Double) async throws {
            var settings = try await S3Server.shared(.seaweedfs).settings()
            settings.now = { Date(timeIntervalSinceNow: seconds) }
            try await S3ObjectStore.with(settings) { store in
                let probe = try await store.probe()
                let difference = try #require(probe.clockDifference)
                #expect(abs(Double(difference.components.seconds) + seconds) < 120)
                let word = seconds > 0 ? "ahead of" : "behind"
                #expect(probe[.clock]?.message.contains(word) == true, "\(probe.findings)")
                #expect((probe[.reach]?.message.contains("clock differs") == true) == (seconds < -900))
            }
        }
    }
}

@Suite("Trying out a service with faults")
struct FaultyProbeTests {
    /// A service that takes objects and loses them, and answers to conditions as it is told.
    private static func reply(
        _ request: FaultyServer.Request,
        condition: FaultyServer.Reply
    ) -> FaultyServer.Reply {
        if request.uri.contains("list-type") {
            return .answer(200, body: "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
        }
        if request.method == "PUT", request.headers["if-none-match"] != nil { return condition }
        if request.method == "PUT" { return .answer(200) }
        return .answer(404, body: request.method == "HEAD" ? "" : errorDocument("NoSuchKey"))
    }

    @Test("a service that ignores or refuses conditions is found out", arguments: [true, false])
    func conditions(_ isIgnored: Bool) async throws {
        try await withFaults { _, request in
            Self.reply(
                request,
                condition: isIgnored ? .answer(200) : .answer(501, body: errorDocument("NotImplemented"))
            )
        } _: { store, _ in
            let probe = try await store.probe()
            #expect(probe.conditionalPut == (isIgnored ? .ignored : .refused))
            let message = try #require(probe[.putIfAbsent]?.message)
            #expect(message.contains(isIgnored ? "replaced an object" : "does not support"))
            #expect(probe[.list]?.message.contains("is not listed") == true)
            #expect(probe[.read] != nil)
        }
    }

    @Test("a page of the web is no service")
    func page() async throws {
        try await withFaults { _, _ in
            .answer(200, body: "<html></html>")
        } _: { store, _ in
            let probe = try await store.probe()
            #expect(probe[.reach]?.message.contains("does not answer as an S3 service does") == true)
            #expect(probe.findings.map(\.step) == [.reach, .clock])
        }
    }
}
