import Failures
import Foundation
import Storage

extension S3ObjectStore {
    /// How far clocks may be apart; services refuse requests from 15 minutes on.
    private static let skewLimit: Duration = .seconds(300)
    private static let words = Array("Dorsal was here.".utf8)

    /// Tries out all that a backup needs, on objects of its own below `dorsal-probe/`, which it removes again.
    ///
    /// - Throws: `CancellationError`, and what ``S3Settings/refresh`` throws; all else that goes wrong stands in the
    ///   probe.
    package func probe() async throws -> StorageProbe {
        let folder = "\(StorageProbe.folder)/" + String(UInt64.random(in: .min ... .max), radix: 36)
        let objects = StorageProbe.names.map { "\(folder)/\($0)" }
        let (object, others) = (objects[0], Array(objects.dropFirst()))
        var probe = StorageProbe()
        do {
            try await self.probeService(object, &probe)
            // What needs an object is not tried without one.
            if probe.worked(.write) {
                try await self.probeObject(object, folder, &probe)
                try await self.take(.putIfAbsent, &probe) { try await self.probeCondition(others[0], &$0) }
                try await self.take(.multipart, &probe) { _ in
                    // One byte more than a part.
                    let length = self.client.settings.partSize + 1
                    try await self.upload(others[1]) { try await $0.write([UInt8](repeating: 7, count: length)) }
                }
            }
        } catch {
            if probe.worked(.reach) { await self.remove([object] + others) }
            throw error
        }
        if probe.worked(.reach) { await self.remove([object] + others) }
        return probe
    }

    private func probeService(_ object: String, _ probe: inout StorageProbe) async throws {
        try await self.take(.reach, &probe) { try await self.reach(&$0) }
        try await self.take(.clock, &probe) { try self.checkClock($0.clockDifference) }
        guard probe.worked(.reach) else { return }
        try await self.take(.write, &probe) { _ in try await self.put(Self.words, object) }
    }

    private func probeObject(_ object: String, _ folder: String, _ probe: inout StorageProbe) async throws {
        try await self.take(.read, &probe) { _ in
            let read = try await self.read(object, 0..<Int64(Self.words.count))
            try self.require(read == Self.words, "\(self.url(object)) came back with other bytes than it was given")
        }
        try await self.take(.metadata, &probe) { _ in
            try await self.setMetadata(object, ["dorsal-probe": "yes"])
            let metadata = try await self.head(object)?.metadata
            try self.require(metadata == ["dorsal-probe": "yes"], "\(self.url(object)) did not keep its metadata")
        }
        try await self.take(.list, &probe) { _ in
            let keys = try await self.list(folder + "/").map(\.key)
            try self.require(keys.contains(object), "\(self.url(object)) was put, but is not listed")
        }
        try await self.take(.delete, &probe) { _ in
            try await self.delete(object)
            let isGone = try await self.head(object) == nil
            try self.require(isGone, "\(self.url(object)) was deleted, but is still there")
        }
    }

    /// Takes a step and notes what came of it.
    private func take(
        _ step: StorageProbe.Step,
        _ probe: inout StorageProbe,
        _ body: (inout StorageProbe) async throws -> Void
    ) async throws {
        var failure: Failure?
        do {
            try await body(&probe)
        } catch let error as Failure {
            failure = error
        }
        probe.findings.append(.init(step: step, failure: failure))
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard !condition else { return }
        throw Failure(.storage, message, hint: "This service does not do what Dorsal needs: use another one.")
    }

    /// Asks for a listing, and notes the service's time, which it also tells when it refuses.
    private func reach(_ probe: inout StorageProbe) async throws {
        let request = self.listing("", page: nil, limit: 1)
        let answer = try await self.client.perform(request) { !$0.mayPass }
        let time = answer.headers["date"].flatMap { HTTPDate.parse($0) }
        let now = self.client.settings.now()
        probe.clockDifference = time.map { .seconds(Int($0.timeIntervalSince(now).rounded())) }
        if let error = answer.error { throw self.client.failures.failure(error, request) }
        guard answer.document("ListBucketResult") == nil else { return }
        throw Failure(
            .storage,
            "\(self.client.address.host) does not answer as an S3 service does",
            hint: "Correct the endpoint; it may be the address of a web page."
        )
    }

    private func probeCondition(_ key: String, _ probe: inout StorageProbe) async throws {
        do {
            let first = try await self.putIfAbsent([1], key)
            let second = try await self.putIfAbsent([2], key)
            probe.conditionalPut = first && !second ? .supported : .ignored
        } catch let unsupported as UnsupportedOperation {
            probe.conditionalPut = .refused
            throw unsupported.failure
        } catch let failure as Failure where failure.class == .storage {
            probe.conditionalPut = .refused
            throw failure
        }
        try self.require(
            probe.conditionalPut == .supported,
            "\(self.client.address.host) replaced an object that was to be put only if absent"
        )
    }

    private func checkClock(_ difference: Duration?) throws {
        guard let difference, max(difference, .zero - difference) > Self.skewLimit else { return }
        let seconds = difference.components.seconds
        throw Failure(
            .storage,
            "This machine's clock is \(abs(seconds)) seconds \(seconds > 0 ? "behind" : "ahead of") the one of "
                + self.client.address.host,
            hint: "Set this machine's clock, for example with chrony or systemd-timesyncd."
        )
    }

    /// Removes the objects, also in a task that is cancelled.
    private func remove(_ keys: [String]) async {
        await withDiscardingTaskGroup { group in
            for key in keys {
                let request = S3Request(
                    operation: "delete",
                    permission: "s3:DeleteObject",
                    method: "DELETE",
                    key: self.start + key
                )
                group.addTask { await self.client.sendAnyway(request) }
            }
        }
    }
}
