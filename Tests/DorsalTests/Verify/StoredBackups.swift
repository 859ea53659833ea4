import Archive
import Engines
import Failures
import Foundation
import GTID
import Storage
import TestSupport

@testable import Dorsal

/// A local repository of the instance `orders` with whole backups: real packages with a binary log in each.
struct StoredBackups {
    let folder: TemporaryFolder
    let place: BackupPlace

    init() throws {
        self.folder = try TemporaryFolder()
        self.place = .local(self.folder.path)
    }

    var catalog: Catalog { Catalog(instance: "orders", places: [self.place]) }

    func path(_ id: String, _ name: String) -> String { self.folder.path("orders/\(id)/\(name)") }
    func exists(_ id: String, _ name: String) -> Bool { FileManager.default.fileExists(atPath: self.path(id, name)) }

    func configuration(_ retention: Configuration.Retention = .init()) -> Configuration {
        var configuration = Configuration.sample(local: self.folder.path)
        configuration.retention = retention
        return configuration
    }

    /// Publishes a backup.
    ///
    /// - Parameters:
    ///   - binlog: The binary log's bytes.
    ///   - gtids: What the manifest says that it holds.
    func publish(_ id: String, binlog: [UInt8] = TinyBinlog.bytes, gtids: String = "") async throws {
        try Folders.make(self.folder.path("orders/\(id)"))
        let writer = try PackageWriter(
            sinks: [FileSink(creating: self.path(id, "package.tar.gz"))],
            checkCancellation: {}
        )
        try writer.add(bytes: [UInt8](repeating: 7, count: 100_000), as: "data/ibdata1")
        try writer.add(bytes: binlog, as: "binlog/bin.000001")
        let digest = try writer.finish()
        let record = Manifest.BinlogRecord(
            name: "bin.000001",
            size: Int64(binlog.count),
            previous: try mysqlSet(""),
            gtids: try mysqlSet(gtids),
            serverIDs: [],
            anonymous: 0
        )
        let sample = try Manifest.sample(id: id, binlogs: [record])
        try await self.place.publish(
            Manifest(
                id: sample.id,
                instance: sample.instance,
                started: sample.started,
                finished: sample.finished,
                server: sample.server,
                engine: sample.engine,
                data: sample.data,
                binlogs: sample.binlogs,
                channels: [],
                configFiles: [],
                package: Manifest.PackageRecord(name: "package.tar.gz", digest: digest)
            )
        )
    }

    /// Changes one byte of a file.
    func flip(_ path: String, at offset: Int) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[offset] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// Makes a backup's manifest unreadable.
    func damageManifest(_ id: String) throws { try self.folder.write("{", to: "orders/\(id)/manifest.json") }
}

/// A binary log of MySQL with nothing but what every file starts with.
enum TinyBinlog {
    static let bytes: [UInt8] = {
        let name = Array("9.7.4".utf8) + [UInt8](repeating: 0, count: 45)
        let format = little(UInt16(4)) + name + little(UInt32(77)) + [19] + [UInt8](repeating: 8, count: 42) + [1]
        var log: [UInt8] = [0xFE, 0x62, 0x69, 0x6E]
        for (type, body) in [(UInt8(15), format), (35, little(UInt64(0)))] {
            let length = UInt32(19 + body.count + 4)
            let event =
                little(UInt32(1_800_000_000)) + [type] + little(UInt32(1)) + little(length)
                + little(UInt32(log.count) + length) + little(UInt16(0)) + body
            log += event + little(TinyBinlog.crc32(event))
        }
        return log
    }()

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
