import Failures
import Storage
import Testing

@Suite("Reading objects as a whole")
struct ReadAllTests {
    private struct Stop: Error {}

    /// Runs the closure with a store that has an object of so many bytes.
    private func withObject(_ count: Int, _ body: (LocalObjectStore, [UInt8]) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let store = LocalObjectStore(LocalFolder(root: folder("store")))
        try await store.prepare()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try await store.put(bytes, "object")
        try await body(store, bytes)
    }

    @Test("parts come in order, whatever their size", arguments: [1, 2, 9, 100], [0, 1, 1000, 10_001])
    func ordered(_ inFlight: Int, _ count: Int) async throws {
        try await self.withObject(count) { store, bytes in
            var read: [UInt8] = []
            var sizes: [Int] = []
            try await store.readAll("object", size: Int64(count), partSize: 100, inFlight: inFlight) { part in
                read += part
                sizes.append(part.count)
            }
            #expect(read == bytes)
            #expect(sizes.dropLast().allSatisfy { $0 == 100 })
        }
    }

    @Test("an object that is shorter, or not there, is an error")
    func short() async throws {
        try await self.withObject(1000) { store, _ in
            var taken = 0
            let failure = await #expect(throws: Failure.self) {
                try await store.readAll("object", size: 2000, partSize: 300) { taken += $0.count }
            }
            #expect(failure?.class == .integrity)
            #expect(failure?.message.contains("ends after 1000 bytes") == true)
            #expect(taken == 900)
            let missing = await #expect(throws: Failure.self) {
                try await store.readAll("missing", size: 5) { _ in }
            }
            #expect(missing?.class == .storage)
        }
    }

    @Test("an error of the taker ends the reading")
    func stopped() async throws {
        try await self.withObject(1000) { store, _ in
            var taken = 0
            await #expect(throws: Stop.self) {
                try await store.readAll("object", size: 1000, partSize: 10) { part in
                    taken += part.count
                    if taken == 500 { throw Stop() }
                }
            }
            #expect(taken == 500)
        }
    }

    @Test("a task that is cancelled reads no further")
    func cancelled() async throws {
        try await self.withObject(1000) { store, _ in
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        try await store.readAll("object", size: 1000, partSize: 10) { _ in
                            withUnsafeCurrentTask { $0?.cancel() }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
