import Failures
import Foundation
import S3
import Storage
import TestSupport
import Testing

/// Runs the closure with an empty store of a kind.
func withStore(
    _ kind: StoreKind,
    _ change: (inout S3Settings) -> Void = { _ in },
    _ body: (any ObjectStore) async throws -> Void
) async throws {
    guard let server = kind.server else {
        let folder = try TemporaryFolder()
        let store = LocalObjectStore(LocalFolder(root: folder.path("store")))
        try await store.prepare()
        return try await body(store)
    }
    var settings = try await S3Server.shared(server).settings()
    change(&settings)
    try await S3ObjectStore.with(settings) { try await body($0) }
}

/// Expects a failure of a class, and gives it for a closer look.
@discardableResult
func expectFailure(
    _ class: Failure.Class,
    containing texts: String...,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async -> Failure? {
    do {
        try await body()
        Issue.record("no error was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.class == `class`, "\(failure)", sourceLocation: sourceLocation)
        for text in texts {
            #expect(failure.description.contains(text), "\(failure)", sourceLocation: sourceLocation)
        }
        return failure
    } catch {
        Issue.record("another error was thrown: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// Bytes that differ from place to place.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}
