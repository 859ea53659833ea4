import Archive
import Blocking
import Database
import Engines
import Failures
import Foundation
import GTID
import Storage

/// A package that was unpacked and verified, every byte of it.
struct Unpacked: Sendable {
    let folder: String
    var data: String { "\(self.folder)/\(PackageFolder.data)" }
    var binlog: String { "\(self.folder)/\(PackageFolder.binlog)" }
    var myCnf: String { "\(self.folder)/\(ConfigFiles.Name.main)" }
    var effectiveOptions: String { "\(self.folder)/\(ConfigFiles.Name.effective)" }
}

/// A package in one of the places where it lies.
struct PackageCopy: Sendable {
    let address: String
    let place: BackupPlace
    private let id: BackupID

    init(_ place: BackupPlace, _ manifest: Manifest) {
        self.place = place
        self.id = manifest.id
        self.address = place.address(manifest.id, manifest.mainName)
    }

    /// Whether a failure to unpack is the copy's, and not that of the place it is unpacked to.
    func isAtFault(_ failure: Failure) -> Bool {
        switch failure.class {
        case .integrity, .storageTemporary: true
        case .storage: failure.message.contains(self.place.address(self.id, ""))
        default: false
        }
    }

    /// An object's path or URL.
    func address(of name: String) -> String { self.place.address(self.id, name) }

    /// Gives an object's bytes to blocking work; those of another machine are fetched while they are read.
    private func read(
        _ name: String,
        size: Int64,
        _ work: @escaping @Sendable (any ByteSource, CancellationFlag) throws -> Void
    ) async throws {
        let address = self.address(of: name)
        if self.place.kind == .local {
            return try await offPool { try work(FileSource(opening: address), $0) }
        }
        try await self.place.store.download(self.place.key(self.id, name), size: size, name: address) { source in
            try await offPool { try work(source, $0) }
        }
    }

    /// Gives a reader of the package to blocking work; it tells how far it has come, and ends when it is cancelled.
    func read(
        _ package: Manifest.PackageRecord,
        _ stage: String,
        _ log: RunLog,
        _ work: @escaping @Sendable (PackageReader) throws -> Void
    ) async throws {
        let expected = package.digest
        try await self.read(package.name, size: expected.bytes) { source, flag in
            let reader = PackageReader(
                source: source,
                expected: expected,
                progress: { Self.tell($0, of: expected.bytes, stage, log) },
                checkCancellation: { try flag.check() }
            )
            try work(reader)
        }
    }

    /// Gives a reader of the data's stream to blocking work, as for the package.
    func read(
        _ stream: Manifest.StreamRecord,
        _ stage: String,
        _ log: RunLog,
        _ work: @escaping @Sendable (StreamReader) throws -> Void
    ) async throws {
        let expected = StreamRecord(bytes: stream.bytes, sha256: stream.sha256, sha1: stream.sha1)
        try await self.read(stream.name, size: stream.bytes) { source, flag in
            let reader = StreamReader(
                source: source,
                expected: expected,
                progress: { Self.tell($0, of: stream.bytes, stage, log) },
                checkCancellation: { try flag.check() }
            )
            try work(reader)
        }
    }

    private static func tell(_ done: Int64, of total: Int64, _ stage: String, _ log: RunLog) {
        log.amount(stage, done, of: total)
        if done > total / 2 { SyncPoint.reach("\(stage)-half") }
    }
}

extension RestoreRun {
    /// Unpacks the package and verifies it in the same pass; what does not verify is removed, and nothing is placed.
    ///
    /// A copy that turns out to be bad is told of, and the next one is taken.
    func unpack(_ plan: RestorePlan) async throws -> Unpacked {
        let places = plan.packages.map(\.place)
        return try await ReadLease.with(places, plan.manifest.id, "dorsal restore", self.log) {
            try await self.unpackFirst(of: plan.packages, plan)
        }
    }

    private func unpackFirst(of copies: [PackageCopy], _ plan: RestorePlan) async throws -> Unpacked {
        let folder = plan.layout.unpacked
        var rest = copies[...]
        while let copy = rest.popFirst() {
            do {
                try await self.unpack(copy, plan, into: folder)
                if let stream = plan.manifest.stream {
                    try await self.unpack(stream, copy, plan, into: Unpacked(folder: folder).data)
                }
                return Unpacked(folder: folder)
            } catch {
                try await Self.clear(folder)
                // Another copy does not help against a full disk.
                guard let failure = error as? Failure, let next = rest.first, copy.isAtFault(failure) else {
                    throw error
                }
                try Task.checkCancellation()
                self.log.warn("\(failure.line); going on with \(next.address)")
            }
        }
        throw Failure(.internal, "there is no copy of the package to unpack")
    }

    private static func clear(_ folder: String) async throws {
        try await onOwnThread {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
        }
    }

    private func unpack(_ copy: PackageCopy, _ plan: RestorePlan, into folder: String) async throws {
        try await copy.read(plan.manifest.package, "unpack", self.log) { try $0.extract(into: folder) }
    }

    /// Makes the data consistent with the engine's own tool.
    func prepare(_ plan: RestorePlan, _ unpacked: Unpacked) async throws {
        // Nothing else of ours runs meanwhile, but others may.
        let engine = try self.engine(plan.manifest, plan.version)
        try await engine.prepare(directory: unpacked.data, memory: FreeMemory().bytes / 2)
    }

    func engine(_ manifest: Manifest, _ version: ServerVersion) throws -> any BackupEngine {
        try EngineKind.choose(manifest.engine.kind, version, base: self.configuration.instance.base)
    }
}
