package import Failures
import Foundation
import Synchronization

/// A lock in an object store that one process at a time holds, on whatever machine, for as long as it renews it.
///
/// Each holder has an object of its own, whose name is a number, one above those that are there; the highest number holds
/// the lock. To take it over from
/// a holder that has not renewed it for the lease's time is to put the next number, if absent: of several who try,
/// exactly one succeeds, and the earlier holder finds out when it looks. How old an object is, the store's own clock
/// tells, so that the machines' clocks need not agree.
///
/// Where the store knows no conditional put, every holder announces itself under a name of its own and looks who else
/// has; of two that begin together, both may give way.
package struct StoreLock: Sendable {
    /// Who asks for a lock, and on what terms.
    package struct Terms: Sendable {
        /// The folder of the lock's objects.
        package let folder: String
        /// How long a holder may be silent before another may take over.
        package let lease: Duration
        /// What this process does, for those who find the lock taken.
        package let command: String

        /// Names the terms.
        package init(folder: String, lease: Duration, command: String) {
            self.folder = folder
            self.lease = lease
            self.command = command
        }
    }

    private let store: any ObjectStore
    private let terms: Terms
    private let key: String
    private let content: [UInt8]
    /// Whether the store keeps two from putting the same number.
    private let isExclusive: Bool
    private let heard = LastHeard()

    /// Holds the lock while the closure runs, and gives it back on every path.
    ///
    /// - Parameters:
    ///   - warn: Told when the store can only be listed for others, or when a stale lock was taken over.
    /// - Throws: ``Failure`` of class locked when another holds it, or when it was lost meanwhile: then the closure is
    ///   cancelled.
    package static func with<Result: Sendable>(
        _ store: any ObjectStore,
        _ terms: Terms,
        warn: @Sendable (String) -> Void,
        _ body: @Sendable @escaping (StoreLock) async throws -> Result
    ) async throws -> Result {
        let lock = try await self.acquire(store, terms, warn: warn)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await lock.renewUntilCancelled()
                return nil
            }
            group.addTask { try await body(lock) }
            do {
                // Only the work ends by itself; a renewal that ends has thrown.
                while let finished = try await group.next() {
                    guard let result = finished else { continue }
                    group.cancelAll()
                    // A renewal that is on its way must not come after the release.
                    while await group.nextResult() != nil {}
                    await lock.release()
                    return result
                }
                throw CancellationError()
            } catch {
                group.cancelAll()
                while await group.nextResult() != nil {}
                await lock.release()
                throw error
            }
        }
    }

    /// Makes sure that the lock is still this process's own.
    ///
    /// - Throws: ``Failure`` of class locked when another has taken it over.
    package func confirm() async throws {
        let claims = try await Self.claims(self.store, self.terms)
        guard claims.contains(self.key), !self.isExclusive || claims.last == self.key else { throw self.lost() }
        guard try await self.store.read(self.key, 0..<65_536) == self.content else { throw self.lost() }
    }

    /// Who holds a lock, as the failure that taking it would end with; nil when nobody does, or is silent for too long.
    package static func holder(_ store: any ObjectStore, _ terms: Terms) async throws -> Failure? {
        guard let newest = try await self.claims(store, terms).last,
            let facts = try await store.head(newest), facts.age ?? .zero <= terms.lease
        else { return nil }
        return try await self.taken(newest, facts.age, store, terms)
    }

    // MARK: Taking it

    private static func acquire(
        _ store: any ObjectStore,
        _ terms: Terms,
        warn: @Sendable (String) -> Void
    ) async throws -> StoreLock {
        let content = try LockOwner.current(command: terms.command, nonce: UUID().uuidString).encoded()
        let newest = try await self.claims(store, terms).last
        if let newest { try await self.refuseLive(newest, store, terms, warn) }
        // The same number for all who try now, so that one of them gets it.
        let number = (newest.flatMap(self.number) ?? 0) + 1
        let key = "\(terms.folder)/\(String(10_000_000_000 + number).dropFirst())"
        do {
            let isMine = try await store.putIfAbsent(content, key)
            guard isMine else { throw try await self.taken(key, .zero, store, terms) }
            if try await self.keepsConditions(store, key, content) {
                if let newest { await store.discard(newest) }
                return StoreLock(store: store, terms: terms, key: key, content: content, isExclusive: true)
            }
        } catch is UnsupportedOperation {}
        warn(
            """
            \(store.name) has no conditional put, so that two backups of one instance that begin at the same moment \
            may both give way; do not start them on two machines at once
            """
        )
        return try await self.announce(store, terms, content)
    }

    /// Whether the store refuses to put what is there: one that does not know the condition may take it for none.
    ///
    /// If it does not, or cannot be asked, the object is removed.
    private static func keepsConditions(_ store: any ObjectStore, _ key: String, _ content: [UInt8]) async throws
        -> Bool
    {
        do {
            // Other bytes, because a put that was tried again takes equal ones for its own.
            if try await !store.putIfAbsent(content + [UInt8(ascii: "\n")], key) { return true }
        } catch {
            await store.discard(key)
            throw error
        }
        try await store.delete(key)
        return false
    }

    /// The way of stores without a conditional put.
    private static func announce(_ store: any ObjectStore, _ terms: Terms, _ content: [UInt8]) async throws -> StoreLock
    {
        let key = "\(terms.folder)/claim-\(UUID().uuidString.lowercased())"
        try await store.put(content, key)
        let lock = StoreLock(store: store, terms: terms, key: key, content: content, isExclusive: false)
        do {
            for other in try await self.claims(store, terms) where other != key {
                try await self.refuseLive(other, store, terms) { _ in }
                await store.discard(other)
            }
        } catch {
            await lock.release()
            throw error
        }
        return lock
    }

    /// Throws if the holder of a claim has been heard of during the lease.
    private static func refuseLive(
        _ key: String,
        _ store: any ObjectStore,
        _ terms: Terms,
        _ warn: (String) -> Void
    ) async throws {
        guard let facts = try await store.head(key) else { return }
        guard let age = facts.age, age > terms.lease else {
            throw try await self.taken(key, facts.age, store, terms)
        }
        let owner = try await self.owner(key, store)
        warn("taking over the lock of \(owner?.text ?? "a process that left no name"), silent for \(age.minutes)")
    }

    private static func taken(
        _ key: String,
        _ age: Duration?,
        _ store: any ObjectStore,
        _ terms: Terms
    ) async throws -> Failure {
        let owner = try await self.owner(key, store)
        let silence = age.map { ", last heard of \($0.minutes) ago" } ?? ""
        return Failure(
            .locked,
            "\(store.name)/\(terms.folder) is locked by \(owner?.text ?? "another process")\(silence)",
            cause: owner?.command,
            hint: age == nil
                ? "Wait until it ends, or stop it. If it died, delete \(store.name)/\(key)."
                : "Wait until it ends, or stop it. If it died, its lock is taken over once it was silent for "
                    + "\(terms.lease.minutes)."
        )
    }

    /// Who a claim says holds it; nil when it does not say, or has just been given back.
    private static func owner(_ key: String, _ store: any ObjectStore) async throws -> LockOwner? {
        do {
            return LockOwner(decoding: try await store.read(key, 0..<65_536))
        } catch is Failure {
            return nil
        }
    }

    /// The keys of all claims, the highest number last.
    private static func claims(_ store: any ObjectStore, _ terms: Terms) async throws -> [String] {
        try await store.list("\(terms.folder)/").map(\.key)
            .sorted { (self.number($0) ?? 0, $0) < (self.number($1) ?? 0, $1) }
    }

    private static func number(_ key: String) -> Int? { key.split(separator: "/").last.flatMap { Int($0) } }

    // MARK: Keeping it and giving it back

    private func renewUntilCancelled() async throws {
        while true {
            try await Task.sleep(for: self.terms.lease / 4)
            do {
                let now = ContinuousClock.now
                try await self.confirm()
                try await self.store.put(self.content, self.key)
                self.heard.set(now)
            } catch let failure as Failure where failure.class != .locked {
                // The store may come back. Whether the lock is lost by then, the holder asks before it publishes.
            }
        }
    }

    /// Deletes this holder's claim; if it stays, it becomes stale.
    ///
    /// Who was silent for longer than the lease leaves it: under its name there may be another's by now.
    private func release() async {
        guard self.heard.isWithin(self.terms.lease) else { return }
        await self.store.discard(self.key)
    }

    private func lost() -> Failure {
        Failure(
            .locked,
            "the lock \(self.store.name)/\(self.key) was taken over by another process",
            cause: "this one did not renew it for \(self.terms.lease.minutes)",
            hint: "Was this machine asleep, or without its network? Run the command again."
        )
    }
}

/// When a holder was last known to hold its lock.
private final class LastHeard: Sendable {
    private let time = Mutex(ContinuousClock.now)

    func set(_ time: ContinuousClock.Instant) { self.time.withLock { $0 = time } }
    func isWithin(_ lease: Duration) -> Bool { self.time.withLock { ContinuousClock.now - $0 < lease } }
}

extension Duration {
    /// The duration for people, in its largest whole unit.
    fileprivate var minutes: String {
        let seconds = self.components.seconds
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
    }
}
