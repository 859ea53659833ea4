import Failures
import Foundation
import S3
import Storage
import TestSupport
import Testing

extension RealServerTests {
    @Suite("TLS and hosts of buckets", .s3Servers)
    struct SecureServerTests {
        @Test("a certificate of an authority that was named is trusted")
        func trusted() async throws {
            let settings = try await S3Server.shared(.seaweedfsTLS).settings()
            try await S3ObjectStore.with(settings) { store in
                try await store.put([1, 2], "key")
                let read = try await store.read("key", 0..<2)
                #expect(read == [1, 2])
            }
        }

        @Test("a certificate of an unknown authority is refused, at once")
        func untrusted() async throws {
            var settings = try await S3Server.shared(.seaweedfsTLS).settings()
            settings.certificates = nil
            settings.onRetry = { Issue.record("\($0)") }
            try await S3ObjectStore.with(settings) { store in
                _ = await expectFailure(.storage, containing: "is not trusted", "PEM file of the authority") {
                    try await store.put([1], "key")
                }
            }
        }

        @Test("a certificate for another host is refused, at once")
        func otherHost() async throws {
            let server = try await S3Server.shared(.seaweedfsTLS)
            var settings = server.settings()
            settings.endpoint = "https://other.example:\(server.port)"
            settings.addresses = ["other.example": "127.0.0.1"]
            settings.onRetry = { Issue.record("\($0)") }
            try await S3ObjectStore.with(settings) { store in
                _ = await expectFailure(.storage, containing: "is not trusted", "host's name") {
                    try await store.put([1], "key")
                }
            }
        }

        @Test(
            "http to a port of https, and https to one of http",
            arguments: [S3Server.Kind.seaweedfsTLS, .moto, .seaweedfs]
        )
        func schemes(_ kind: S3Server.Kind) async throws {
            var settings = try await S3Server.shared(kind).settings()
            let isTLS = kind == .seaweedfsTLS
            settings.endpoint = settings.endpoint?.replacing(
                isTLS ? "https:" : "http:",
                with: isTLS ? "http:" : "https:"
            )
            settings.onRetry = { Issue.record("\($0)") }
            try await S3ObjectStore.with(settings) { store in
                if isTLS {
                    _ = await expectFailure(.storage, containing: "expects https", "Write https://") {
                        try await store.put([1], "key")
                    }
                } else {
                    _ = await expectFailure(.storage, containing: "does not speak https", "Write http://") {
                        try await store.put([1], "key")
                    }
                }
            }
        }

        @Test("a bucket in the host's name", arguments: [S3Server.Kind.seaweedfs, .seaweedfsTLS])
        func virtualHost(_ kind: S3Server.Kind) async throws {
            let server = try await S3Server.shared(kind)
            var settings = server.settings()
            let scheme = server.certificates == nil ? "http" : "https"
            settings.endpoint = "\(scheme)://localhost:\(server.port)"
            settings.addressing = .virtualHost
            // Few systems resolve names below localhost by themselves.
            settings.addresses = ["\(S3Server.bucket).localhost": "127.0.0.1"]
            try await S3ObjectStore.with(settings) { store in
                try await store.put([1], "a b/ü")
                try await store.setMetadata("a b/ü", ["sha256": "aa"])
                let facts = try await store.head("a b/ü")
                #expect(facts?.metadata == ["sha256": "aa"])
                let keys = try await store.list("").map(\.key)
                #expect(keys == ["a b/ü"])
            }
            // The same object under its address by path.
            try await S3ObjectStore.with(server.settings(prefix: settings.prefix)) { store in
                let read = try await store.read("a b/ü", 0..<9)
                #expect(read == [1])
            }
        }
    }
}
