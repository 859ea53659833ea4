import Archive
import Blocking
import Engines
import Failures
import Foundation
import Processes
import Storage

extension Manifest.StreamRecord {
    /// How streams are compressed: fast, as the server's locks last as long as the copy does.
    static let defaultCompression = PackageCompression.zstd
    /// What a stream is called beside its manifest.
    static let name = "data.xbstream.\(Self.defaultCompression.streamExtension)"

    init(_ bytes: StreamedBytes) {
        self.init(
            name: Self.name,
            format: "xbstream",
            compression: Self.defaultCompression,
            bytes: bytes.record.bytes,
            sha256: bytes.record.sha256,
            sha1: bytes.record.sha1,
            files: bytes.contents.files.count,
            unpackedBytes: bytes.contents.unpackedBytes
        )
    }
}

extension CopiedData {
    init(_ snapshot: DataSnapshot) {
        self.init(
            boundary: snapshot.boundary,
            tool: snapshot.tool,
            directory: snapshot.directory,
            stream: nil,
            hasPersisted: FileManager.default.fileExists(atPath: "\(snapshot.directory)/mysqld-auto.cnf"),
            uploadFailure: nil
        )
    }

    fileprivate init(_ data: StreamedData, _ uploadFailure: Failure?) {
        self.init(
            boundary: data.boundary,
            tool: data.tool,
            directory: nil,
            stream: Manifest.StreamRecord(data.bytes),
            hasPersisted: data.bytes.contents.files["mysqld-auto.cnf"] != nil,
            uploadFailure: uploadFailure
        )
    }
}

extension BackupRun {
    /// Sends the data from the copying tool to its destinations, and receives the binary logs beside it.
    ///
    /// What is written meanwhile is received behind it, so that the binary logs reach past the data.
    func stream(
        _ engine: CopyToolEngine,
        _ request: SnapshotRequest,
        _ inspected: Inspection,
        _ staging: Staging,
        _ remote: BackupPlace?
    ) async throws -> (CopiedData, [Manifest.BinlogRecord]) {
        let (data, begun) = try await self.log.stage("snapshot", "\(inspected.engine.kind.rawValue), streamed") {
            try await together(
                { try await self.send(engine, request, staging, remote, expecting: inspected.dataBytes / 2) },
                { try await self.receiveBinlogs(inspected, staging, tells: false) }
            )
        }
        let binlogs = try await self.log.stage("binlogs") {
            try await self.takeBinlogs(inspected, staging, after: begun)
        }
        return (data, binlogs)
    }

    private func send(
        _ engine: CopyToolEngine,
        _ request: SnapshotRequest,
        _ staging: Staging,
        _ remote: BackupPlace?,
        expecting bytes: Int64
    ) async throws -> CopiedData {
        let name = Manifest.StreamRecord.name
        let (data, failure) = try await self.deliver(name, staging, remote, expecting: bytes) { path, sink in
            let data = try await engine.stream(request) { output, parser in
                try await self.compress(output, parser, path, sink)
            }
            return (data, data.bytes.record)
        }
        return CopiedData(data, failure)
    }

    private func compress(
        _ output: ToolPipe,
        _ parser: XBStreamParser,
        _ path: String?,
        _ remote: PipeSink?
    ) async throws -> StreamedBytes {
        let log = self.log
        let backup = self.configuration.backup
        return try await offPool { flag in
            if backup.lowPriority { LowPriority.takeThisThread() }
            var parser = parser
            let writer = try StreamWriter(
                sinks: try Self.sinks(path, remote),
                compression: Manifest.StreamRecord.defaultCompression,
                threads: backup.threads ?? ProcessorCount.current,
                maxRate: backup.maxRate,
                progress: { done in
                    log.amount("snapshot", done)
                    SyncPoint.reach("stream-running")
                },
                checkCancellation: { try flag.check() }
            )
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
            defer { buffer.deallocate() }
            while case let count = try output.read(into: buffer), count > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                try parser.take(bytes)
                try writer.write(bytes)
            }
            return StreamedBytes(contents: try parser.finish(), record: try writer.finish())
        }
    }
}
