import Failures
import Foundation
import Storage
import Testing

extension RealServerTests {
    @Suite("What every object store does")
    struct ContractTests {
        @Test("what is put is read back", arguments: StoreKind.all)
        func put(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([1, 2, 3], "a/b/c")
                #expect(try await store.read("a/b/c", 0..<3) == [1, 2, 3])
                #expect(try await store.head("a/b/c")?.size == 3)
            }
        }

        @Test("a put replaces what was there", arguments: StoreKind.all)
        func replace(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([1, 2, 3], "key")
                try await store.put([4], "key")
                #expect(try await store.read("key", 0..<10) == [4])
            }
        }

        @Test("an object may be empty", arguments: StoreKind.all)
        func empty(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([], "empty")
                #expect(try await store.head("empty")?.size == 0)
                #expect(try await store.read("empty", 0..<10) == [])
                #expect(try await store.list("").map(\.size) == [0])
            }
        }

        @Test("any byte comes back as it was", arguments: StoreKind.all)
        func bytes(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let bytes = (0..<4).flatMap { _ in Array(UInt8.min...UInt8.max) }
                try await store.put(bytes, "bytes")
                #expect(try await store.read("bytes", 0..<Int64(bytes.count)) == bytes)
            }
        }

        @Test("keys may have characters that addresses encode", arguments: StoreKind.all)
        func keys(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let keys = ["a b", "a+b", "a%20b", "a&b=c", "ä/ö", "#?", "x;y,z", "~!$'()*", "a:b@c", "<x>\"&amp;"]
                for (index, key) in keys.enumerated() { try await store.put([UInt8(index)], key) }
                for (index, key) in keys.enumerated() {
                    #expect(try await store.read(key, 0..<1) == [UInt8(index)], "\(key)")
                    #expect(try await store.list(key).map(\.key) == [key])
                }
                let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                #expect(try await store.list("").map(\.key) == sorted)
            }
        }

        @Test("keys that lead elsewhere are refused", arguments: StoreKind.all)
        func hostileKeys(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                for key in ["", "/a", "a//b", "a/../b", ".", "a/", "a/.dorsal-1"] {
                    await expectFailure(.internal) { try await store.put([1], key) }
                    await expectFailure(.internal) { _ = try await store.head(key) }
                }
            }
        }

        @Test("a range is read, and no more than there is", arguments: StoreKind.all)
        func ranges(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let bytes = noise(100_000)
                try await store.put(bytes, "range")
                for range in [0..<1, 99_999..<100_000, 500..<70_000, 0..<100_000, 99_990..<200_000] as [Range<Int64>] {
                    let part = bytes[Int(range.lowerBound)..<min(100_000, Int(range.upperBound))]
                    #expect(try await store.read("range", range) == Array(part), "\(range)")
                }
                #expect(try await store.read("range", 100_000..<100_010) == [])
                #expect(try await store.read("range", 200_000..<200_001) == [])
                #expect(try await store.read("range", 7..<7) == [])
            }
        }

        @Test("what is not there is not found", arguments: StoreKind.all)
        func missing(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let facts = try await store.head("nothing")
                #expect(facts == nil)
                let listed = try await store.list("nothing")
                #expect(listed == [])
                await expectFailure(.storage, containing: "nothing") { _ = try await store.read("nothing", 0..<1) }
                await expectFailure(.storage) { try await store.setMetadata("nothing", [:]) }
            }
        }

        @Test("a deleted object is gone, and may be deleted again", arguments: StoreKind.all)
        func delete(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([1], "a/b")
                try await store.put([2], "a/c")
                try await store.delete("a/b")
                #expect(try await store.head("a/b") == nil)
                #expect(try await store.list("").map(\.key) == ["a/c"])
                try await store.delete("a/b")
                try await store.delete("never/there")
            }
        }

        @Test("put if absent puts once", arguments: StoreKind.all)
        func putIfAbsent(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                #expect(try await store.putIfAbsent([1], "lock"))
                #expect(try await store.putIfAbsent([2], "lock") == false)
                #expect(try await store.putIfAbsent([1], "lock") == false)
                #expect(try await store.read("lock", 0..<9) == [1])
                try await store.delete("lock")
                #expect(try await store.putIfAbsent([3], "lock"))
            }
        }

        @Test("of many who put if absent, one succeeds", arguments: StoreKind.all)
        func race(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
                    for index in UInt8(0)..<8 {
                        group.addTask { try await store.putIfAbsent([index], "race") ? index : nil }
                    }
                    return try await group.reduce(into: [UInt8]()) { if let winner = $1 { $0.append(winner) } }
                }
                #expect(winners.count == 1)
                #expect(try await store.read("race", 0..<9) == winners)
            }
        }

        @Test("a prefix selects, in byte order", arguments: StoreKind.all)
        func list(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                for key in ["b/2", "a/1", "a-1", "b/10", "B", "b/1/x", "bb"] { try await store.put([1], key) }
                #expect(try await store.list("").map(\.key) == ["B", "a-1", "a/1", "b/1/x", "b/10", "b/2", "bb"])
                #expect(try await store.list("b/").map(\.key) == ["b/1/x", "b/10", "b/2"])
                #expect(try await store.list("b/1").map(\.key) == ["b/1/x", "b/10"])
                #expect(try await store.list("b").map(\.key) == ["b/1/x", "b/10", "b/2", "bb"])
            }
        }

        @Test("a listing comes in pages", arguments: StoreKind.all)
        func pages(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                let keys = (10..<35).map { "p/\($0)" }
                for key in keys { try await store.put([1], key) }
                var found: [[String]] = []
                var page: String?
                repeat {
                    let answer = try await store.list("p/", page: page, limit: 10)
                    found.append(answer.objects.map(\.key))
                    page = answer.next
                } while page != nil && found.count < 10
                #expect(found.filter { !$0.isEmpty }.map(\.count) == [10, 10, 5])
                #expect(found.flatMap { $0 } == keys)
            }
        }

        @Test("metadata is kept where the store says so, and replaced as a whole", arguments: StoreKind.all)
        func metadata(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([1, 2], "object")
                #expect(try await store.head("object")?.metadata == [:])
                for metadata in [["sha1": "aa", "sha256": "bb"], ["sha256": "cc"]] {
                    try await store.setMetadata("object", metadata)
                    let kept = store.keepsMetadata ? metadata : [:]
                    let facts = try await store.head("object")
                    #expect(facts?.size == 2)
                    #expect(facts?.metadata == kept)
                }
                #expect(try await store.read("object", 0..<9) == [1, 2])
            }
        }

        @Test("an object's age is known", arguments: StoreKind.all)
        func age(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await store.put([1], "object")
                let young = try #require(try await store.head("object")?.age)
                #expect((.zero ..< .seconds(3600)).contains(young))
                let deadline = ContinuousClock.now + .seconds(60)
                while try await store.head("object")?.age ?? .zero <= young, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(try await store.head("object")?.age ?? .zero > young)
            }
        }

        @Test("many calls at a time do not disturb each other", arguments: StoreKind.all)
        func concurrency(_ kind: StoreKind) async throws {
            try await withStore(kind) { store in
                try await withThrowingTaskGroup { group in
                    for index in 0..<24 {
                        group.addTask {
                            let bytes = noise(20_000 + index, seed: UInt64(index))
                            try await store.put(bytes, "many/\(index)")
                            #expect(try await store.read("many/\(index)", 0..<30_000) == bytes)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await store.list("many/").count == 24)
            }
        }
    }
}
