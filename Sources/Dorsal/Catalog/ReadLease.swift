import Failures
import Foundation
import Glibc
import Storage

/// That somebody reads a backup: as long as that is said anew, neither prune nor delete removes what is being read.
///
/// It stands beside the manifest as `reading-HOST-PROCESS-RANDOM.json`. One that has been silent for ``silence`` is of a
/// run that was killed, and counts no more.
struct ReadLease: Codable, Sendable {
    static let silence: Duration = .seconds(600)
    /// Nothing waits for longer than this for a place that does not answer, in seconds.
    static let usualLimit = 20

    var version = 1
    /// Who reads it: a command, a process and a machine.
    let by: String

    /// Whether an object beside a manifest is named as a lease.
    static func isName(_ name: String) -> Bool { name.hasPrefix("reading-") && name.hasSuffix(".json") }

    /// Says in all places, as long as the closure runs, that a backup is being read there.
    ///
    /// A place that cannot be written to is told of in a note, and no more: whoever restores may have no right to write,
    /// and one place that does not answer must not keep it from reading another.
    static func with<Result: Sendable>(
        _ places: [BackupPlace],
        _ id: BackupID,
        _ command: String,
        _ log: RunLog,
        within limit: Int = Self.usualLimit,
        _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        let owner = LockOwner.current(command: command)
        let name = self.name(owner)
        let lease = ReadLease(by: "\(command), \(owner.text)")
        let outcome = await withTaskGroup(of: Swift.Result<Result, any Error>?.self) { group in
            let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
            for place in places {
                group.addTask {
                    await lease.keep(place, id, name, log, within: limit) { beginning.yield() }
                    return nil
                }
            }
            group.addTask {
                var waiting = begun.makeAsyncIterator()
                for _ in places { _ = await waiting.next() }
                return await Self.outcome(body)
            }
            var outcome: Swift.Result<Result, any Error> = .failure(CancellationError())
            while let ended = await group.next() {
                guard let ended else { continue }
                outcome = ended
                group.cancelAll()
            }
            return outcome
        }
        // Now that nothing puts it back.
        for place in places { await place.store.discard(place.key(id, name)) }
        return try outcome.get()
    }

    private static func name(_ owner: LockOwner) -> String {
        let host = owner.host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        // Containers may have one name, and the same processes' ids.
        return "reading-\(host)-\(owner.pid)-\(String(UInt32.random(in: 0...UInt32.max), radix: 36)).json"
    }

    private static func outcome<Result>(_ body: () async throws -> Result) async -> Swift.Result<Result, any Error> {
        do {
            try Task.checkCancellation()
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// Puts it, and puts it again, until the task is cancelled.
    private func keep(
        _ place: BackupPlace,
        _ id: BackupID,
        _ name: String,
        _ log: RunLog,
        within limit: Int,
        _ begun: () -> Void
    ) async {
        var isTold = false
        do {
            defer { begun() }
            try await self.put(place, id, name, log, within: limit, &isTold)
        } catch { return }
        do {
            while true {
                try await Task.sleep(for: Self.silence / 5)
                try await self.put(place, id, name, log, within: limit, &isTold)
            }
        } catch {}
    }

    private func put(
        _ place: BackupPlace,
        _ id: BackupID,
        _ name: String,
        _ log: RunLog,
        within limit: Int,
        _ isTold: inout Bool
    ) async throws {
        let put = try await TimeLimit(seconds: limit).ask(place.store.name, .storage) {
            try await place.put(self, id, name)
        }
        guard case .failure(let failure) = put, !isTold else { return }
        isTold = true
        log.note(
            "nothing keeps a prune from removing \(id) from \(place.store.name) while it is read: \(failure.message)"
        )
    }
}

extension BackupPlace {
    /// Who reads a backup here at the moment; nil when nobody does.
    func reader(of id: BackupID) async throws -> String? {
        for name in try await self.contents(of: id)[id, default: [:]].keys where ReadLease.isName(name) {
            let key = self.key(id, name)
            if let age = try await self.age(key) {
                guard age < ReadLease.silence else { continue }
            } else if try await self.store.head(key) == nil {
                continue
            }
            // Whoever put it there reads the backup, whatever it says.
            let lease = try? await self.mark(ReadLease.self, id, name)
            return lease?.by ?? name
        }
        return nil
    }

    /// How long ago an object came here; nil when it is gone, or that cannot be told.
    func age(_ key: String) async throws -> Duration? {
        guard self.kind == .local else { return try await self.store.head(key)?.age }
        var status = stat()
        guard lstat("\(self.store.name)/\(key)", &status) == 0 else { return nil }
        // The time of its contents may have been copied with it.
        let changed = Duration.seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec)
        return max(.zero, .seconds(Date().timeIntervalSince1970) - changed)
    }
}
