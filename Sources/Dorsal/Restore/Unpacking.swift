import Archive
import Database
import Engines
import Failures
import Foundation
import GTID

/// A package that was unpacked and verified, every byte of it.
struct Unpacked: Sendable {
    let folder: String
    var data: String { "\(self.folder)/\(PackageFolder.data)" }
    var binlog: String { "\(self.folder)/\(PackageFolder.binlog)" }
    var myCnf: String { "\(self.folder)/\(ConfigFiles.Name.main)" }
    var effectiveOptions: String { "\(self.folder)/\(ConfigFiles.Name.effective)" }
}

extension RestoreRun {
    /// Unpacks the package and verifies it in the same pass; what does not verify is removed, and nothing is placed.
    func unpack(_ plan: RestorePlan) async throws -> Unpacked {
        let log = self.log
        let folder = plan.layout.unpacked
        do {
            try await offPool { flag in
                let total = plan.manifest.package.digest.bytes
                let reader = PackageReader(
                    source: try FileSource(opening: plan.package),
                    expected: plan.manifest.package.digest,
                    progress: { done in
                        log.amount("unpack", done, of: total)
                        if done > total / 2 { SyncPoint.reach("unpack-half") }
                    },
                    checkCancellation: { try flag.check() }
                )
                try reader.extract(into: folder)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        return Unpacked(folder: folder)
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
