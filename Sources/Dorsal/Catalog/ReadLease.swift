import Foundation
import Glibc
import Storage

/// That somebody reads a backup: as long as that is said anew, neither prune nor delete removes what is being read.
///
/// It stands beside the manifest as `reading-HOST-PROCESS.json`. One that has been silent for ``silence``, by the
/// store's clock, is of a run that was killed, and counts no more.
struct ReadLease: Codable, Sendable {
    static let prefix = "reading-"
    static let silence: Duration = .seconds(600)

    var version = 1
    /// Who reads it: a command, a process and a machine.
    let by: String

    /// Says in all places, as long as the closure runs, that a backup is being read there.
    ///
    /// A place that cannot be written to is told of in a note, and no more: whoever restores may have no right to write.
    static func with<Result: Sendable>(
        _ places: [BackupPlace],
        _ id: BackupID,
        _ command: String,
        _ log: RunLog,
        _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        let owner = LockOwner.current(command: command)
        let host = owner.host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let name = "\(self.prefix)\(host)-\(owner.pid).json"
        let lease = ReadLease(by: "\(command), \(owner.text)")
        for place in places { try await lease.put(place, id, name, log) }
        let result = await withTaskGroup(of: Swift.Result<Result, any Error>?.self) { group in
            group.addTask {
                await lease.renew(places, id, name, log)
                return nil
            }
            group.addTask { await Self.result(body) }
            var outcome: Swift.Result<Result, any Error> = .failure(CancellationError())
            while let ended = await group.next() {
                guard let ended else { continue }
                outcome = ended
                group.cancelAll()
            }
            return outcome
        }
        for place in places { await place.store.discard(place.key(id, name)) }
        return try result.get()
    }

    private static func result<Result>(_ body: () async throws -> Result) async -> Swift.Result<Result, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func put(_ place: BackupPlace, _ id: BackupID, _ name: String, _ log: RunLog) async throws {
        do {
            try await place.put(self, id, name)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            log.note("nothing keeps a prune from removing \(id) from \(place.store.name) while it is read: \(error)")
        }
    }

    /// Until the task is cancelled.
    private func renew(_ places: [BackupPlace], _ id: BackupID, _ name: String, _ log: RunLog) async {
        do {
            while true {
                try await Task.sleep(for: Self.silence / 5)
                for place in places { try await self.put(place, id, name, log) }
            }
        } catch {}
    }
}

extension BackupPlace {
    /// Who reads a backup here at the moment; nil when nobody does.
    func reader(of id: BackupID) async throws -> String? {
        for name in try await self.contents(of: id)[id, default: [:]].keys where name.hasPrefix(ReadLease.prefix) {
            guard let age = try await self.age(self.key(id, name)), age < ReadLease.silence else { continue }
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
