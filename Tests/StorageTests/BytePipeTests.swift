import Archive
import Blocking
import Failures
import Foundation
import Storage
import Testing

@Suite("A pipe between blocking and asynchronous code")
struct BytePipeTests {
    private let folder: TemporaryFolder
    private let store: LocalObjectStore

    init() throws {
        self.folder = try TemporaryFolder()
        self.store = LocalObjectStore(LocalFolder(root: self.folder.path))
    }

    private static let pattern = [UInt8]((0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    @Test("What blocking work writes is uploaded as it is; what is downloaded can be read by blocking work")
    func bothWays() async throws {
        let upload = try await self.store.upload("a/object", expecting: 0, isRequired: true) { sink in
            try await onOwnThread {
                for start in stride(from: 0, to: Self.pattern.count, by: 7001) {
                    try Self.pattern[start..<min(start + 7001, Self.pattern.count)].withUnsafeBytes {
                        try sink.write($0)
                    }
                }
                try sink.finish()
                return 5
            }
        }
        #expect(upload.result == 5)
        #expect(upload.failure == nil)
        let size = Int64(Self.pattern.count)
        let read = try await self.store.download("a/object", size: size, name: "it") { source in
            #expect(source.size == size)
            return try await onOwnThread {
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4093)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                    if count == 0 { return bytes }
                    bytes += buffer.prefix(count)
                }
            }
        }
        #expect(read == Self.pattern)
    }

    @Test("After an error of the work there is no object")
    func workFails() async throws {
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await self.store.upload("object", expecting: 0, isRequired: true) { sink in
                try await onOwnThread {
                    try Self.pattern.withUnsafeBytes { try sink.write($0) }
                    throw Stop()
                }
            }
        }
        #expect(try await self.store.list("") == [])
    }

    /// The root is not there, so the upload fails at once, while the work goes on writing.
    @Test("A failed upload ends the work if it is required, and is told of if not", arguments: [true, false])
    func uploadFails(_ isRequired: Bool) async throws {
        let store = LocalObjectStore(LocalFolder(root: self.folder("gone")))
        @Sendable func run() async throws -> PipedUpload<Int> {
            try await store.upload("object", expecting: 0, isRequired: isRequired) { sink in
                try await onOwnThread {
                    for _ in 0..<100 { try Self.pattern.withUnsafeBytes { try sink.write($0) } }
                    try sink.finish()
                    return 5
                }
            }
        }
        if isRequired {
            let failure = await #expect(throws: Failure.self) { _ = try await run() }
            #expect(failure?.class == .storage)
        } else {
            let upload = try await run()
            #expect(upload.result == 5)
            #expect(upload.failure?.class == .storage)
        }
    }

    @Test("A writer that is faster waits; a task that is cancelled ends both sides")
    func cancelled() async throws {
        let pipe = BytePipe(capacity: 10)
        try await pipe.send([UInt8](repeating: 1, count: 10))
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await pipe.send([2])
                    return false
                } catch { return error is CancellationError }
            }
            group.cancelAll()
            for await wasCancelled in group { #expect(wasCancelled) }
        }
        await #expect(throws: CancellationError.self) { _ = try await pipe.next() }
    }

    @Test("A download that breaks off is an error of the reader, not an end")
    func downloadFails() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await self.store.download("missing", size: 10, name: "it") { source in
                try await onOwnThread {
                    var buffer = [UInt8](repeating: 0, count: 10)
                    _ = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                }
            }
        }
        #expect(failure?.class == .storage)
    }
}
