import Archive
import Failures
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("A lock in an object store")
struct StoreLockTests {
    private let folder: TemporaryFolder
    private let store: LocalObjectStore
    private let warnings = Warnings()

    init() throws {
        self.folder = try TemporaryFolder()
        self.store = LocalObjectStore(LocalFolder(root: self.folder.path))
    }

    private func terms(_ command: String = "backup", lease: Duration = .seconds(600)) -> StoreLock.Terms {
        StoreLock.Terms(folder: "orders/lock", lease: lease, command: command)
    }

    private func with<Result: Sendable>(
        _ terms: StoreLock.Terms,
        store: (any ObjectStore)? = nil,
        body: @Sendable @escaping (StoreLock) async throws -> Result
    ) async throws -> Result {
        try await StoreLock.with(store ?? self.store, terms, warn: { self.warnings.add($0) }, body)
    }

    private func claims() async throws -> [String] { try await self.store.list("orders/lock/").map(\.key) }

    /// Puts a claim that was last renewed so long ago.
    private func put(_ name: String, age: TimeInterval) async throws {
        try await self.store.put(Array("{}".utf8), "orders/lock/\(name)")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -age)],
            ofItemAtPath: self.folder("orders/lock/\(name)")
        )
    }

    @Test("The second one learns who holds it; afterwards it is free, and nothing is left")
    func taken() async throws {
        let result = try await self.with(self.terms("backup alpha")) { lock in
            try await lock.confirm()
            let failure = await #expect(throws: Failure.self) { try await self.with(self.terms("beta")) { _ in } }
            #expect(failure?.class == .locked)
            #expect(failure?.message.contains("is locked by process \(getpid()) on ") == true)
            #expect(failure?.cause == "backup alpha")
            #expect(failure?.hint?.contains("10 min") == true)
            return 7
        }
        #expect(result == 7)
        #expect(try await self.claims() == [])
        try await self.with(self.terms()) { _ in }
        #expect(self.warnings.all == [])
    }

    @Test("It is given back after an error, and by a task that is cancelled")
    func givenBack() async throws {
        struct Stop: Error {}
        await #expect(throws: Stop.self) { try await self.with(self.terms()) { _ in throw Stop() } }
        #expect(try await self.claims() == [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (held, hold) = AsyncStream<Void>.makeStream()
            group.addTask {
                try await self.with(self.terms()) { _ in
                    hold.finish()
                    try await Task.sleep(for: .seconds(600))
                }
            }
            for await _ in held {}
            let claims = try await self.claims()
            #expect(claims.count == 1)
            group.cancelAll()
        }
        #expect(try await self.claims() == [])
    }

    @Test("One that was silent for too long is taken over, with a warning; a younger one is not")
    func stale() async throws {
        try await self.put("0000000007", age: 601)
        try await self.with(self.terms()) { _ in
            let claims = try await self.claims()
            #expect(claims == ["orders/lock/0000000008"])
        }
        #expect(self.warnings.all.count == 1)
        #expect(self.warnings.all.first?.contains("silent for 10 min") == true)
        try await self.put("0000000009", age: 500)
        let failure = await #expect(throws: Failure.self) { try await self.with(self.terms()) { _ in } }
        #expect(failure?.class == .locked)
        #expect(failure?.message.contains("last heard of 8 min ago") == true)
    }

    @Test("Of many who take over a stale one, exactly one succeeds")
    func race() async throws {
        try await self.put("0000000001", age: 700)
        let inside = Inside()
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        try await self.with(self.terms()) { _ in
                            let count = inside.enter()
                            #expect(count == 1)
                            // Long enough for all others to have tried.
                            try await Task.sleep(for: .milliseconds(500))
                            inside.leave()
                        }
                        return true
                    } catch let failure as Failure where failure.class == .locked {
                        return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(wins >= 1)
    }

    @Test("It is renewed while it is held")
    func renewed() async throws {
        try await self.with(self.terms(lease: .seconds(4))) { _ in
            let key = try await self.claims()[0]
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -100)],
                ofItemAtPath: self.folder(key)
            )
            let deadline = ContinuousClock.now + .seconds(60)
            while try await (self.store.head(key)?.age ?? .zero) > .seconds(50) {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test("A holder that was taken for dead finds out, and its work is ended")
    func lost() async throws {
        let confirmed = Warnings()
        let ended = await #expect(throws: Failure.self) {
            try await self.with(self.terms(lease: .seconds(2))) { lock in
                try await self.put("9000000002", age: 0)
                do {
                    try await lock.confirm()
                } catch let failure as Failure {
                    confirmed.add(failure.class.name)
                }
                try await Task.sleep(for: .seconds(600))
            }
        }
        #expect(confirmed.all == ["locked"])
        #expect(ended?.message.contains("was taken over by another process") == true)
        #expect(try await self.claims().last == "orders/lock/9000000002")
    }

    @Test("An object of another holder under the same name is not taken for one's own")
    func replaced() async throws {
        try await self.with(self.terms()) { lock in
            let key = try await self.claims()[0]
            try await self.store.put(Array("{}".utf8), key)
            var found: Failure?
            do { try await lock.confirm() } catch let failure as Failure { found = failure }
            #expect(found?.class == .locked)
        }
    }

    @Test("Where the store has no conditional put, a listing serves, with a warning", arguments: [true, false])
    func withoutConditions(_ refuses: Bool) async throws {
        let store = Unconditional(base: self.store, refuses: refuses)
        try await self.with(self.terms(), store: store) { lock in
            try await lock.confirm()
            #expect(try await self.claims().count == 1)
            let failure = await #expect(throws: Failure.self) {
                try await self.with(self.terms("beta"), store: store) { _ in }
            }
            #expect(failure?.class == .locked)
            #expect(try await self.claims().count == 1)
        }
        #expect(try await self.claims() == [])
        #expect(self.warnings.all.first?.contains("has no conditional put") == true)
        try await self.put("claim-of-the-dead", age: 700)
        try await self.with(self.terms(), store: store) { _ in }
        #expect(try await self.claims() == [])
    }
}

/// How many are inside.
private final class Inside: Sendable {
    private let count = Mutex(0)
    func enter() -> Int {
        self.count.withLock { count in
            count += 1
            return count
        }
    }
    func leave() { self.count.withLock { $0 -= 1 } }
}

/// What was warned of.
private final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { self.texts.withLock { $0 } }
    func add(_ text: String) { self.texts.withLock { $0.append(text) } }
}

/// A folder behind a service that has no conditional put: it says so, or takes the condition for none.
private struct Unconditional: ForwardingStore {
    let base: any ObjectStore
    let refuses: Bool

    func putIfAbsent(_ bytes: [UInt8], _ key: String) async throws -> Bool {
        if self.refuses { throw UnsupportedOperation(Failure(.storage, "no conditional put here")) }
        try await self.base.put(bytes, key)
        return true
    }
}
