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
    private let place: BackupPlace
    private let key: String

    init(_ place: BackupPlace, _ manifest: Manifest) {
        self.place = place
        self.key = place.key(manifest.id, manifest.package.name)
        self.address = place.address(manifest.id, manifest.package.name)
    }

    /// Whether a failure to unpack is the copy's, and not that of the place it is unpacked to.
    func isAtFault(_ failure: Failure) -> Bool {
        switch failure.class {
        case .integrity, .storageTemporary: true
        case .storage: failure.message.contains(self.address)
        default: false
        }
    }

    /// Gives the package's bytes to blocking work; those of another machine are fetched while they are read.
    fileprivate func read(size: Int64, _ work: @escaping @Sendable (any ByteSource, CancellationFlag) throws -> Void)
        async throws
    {
        if self.place.kind == .local {
            return try await offPool { try work(FileSource(opening: self.address), $0) }
        }
        try await self.place.store.download(self.key, size: size, name: self.address) { source in
            try await offPool { try work(source, $0) }
        }
    }
}

extension RestoreRun {
    /// Unpacks the package and verifies it in the same pass; what does not verify is removed, and nothing is placed.
    ///
    /// A copy that turns out to be bad is told of, and the next one is taken.
    func unpack(_ plan: RestorePlan) async throws -> Unpacked {
        let folder = plan.layout.unpacked
        var rest = plan.packages[...]
        while let copy = rest.popFirst() {
            do {
                try await self.unpack(copy, plan, into: folder)
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
        let log = self.log
        let expected = plan.manifest.package.digest
        try await copy.read(size: expected.bytes) { source, flag in
            let reader = PackageReader(
                source: source,
                expected: expected,
                progress: { done in
                    log.amount("unpack", done, of: expected.bytes)
                    if done > expected.bytes / 2 { SyncPoint.reach("unpack-half") }
                },
                checkCancellation: { try flag.check() }
            )
            try reader.extract(into: folder)
        }
    }

    /// Makes the data consistent with the engine's own tool.
    func prepare(_ plan: RestorePlan, _ unpacked: Unpacked) async throws {
        let engine = try EngineKind.choose(
            plan.manifest.engine.kind,
            plan.version,
            base: self.configuration.instance.base
        )
        try await engine.prepare(directory: unpacked.data, memory: Self.memoryForPrepare())
    }

    /// Half of the memory that is free, at least 100 MiB. (proc(5), MemAvailable, in kB.)
    static func memoryForPrepare() -> Int64 {
        let text = String(decoding: FileManager.default.contents(atPath: "/proc/meminfo") ?? Data(), as: UTF8.self)
        let available = text.firstMatch(of: #/MemAvailable:\s+(\d+) kB/#).flatMap { Int64($0.1) } ?? 0
        return max(100 << 20, available * 1024 / 2)
    }
}
