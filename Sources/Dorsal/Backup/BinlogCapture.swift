import Binlog
import Database
import Failures
import Foundation
import GTID
import Glibc

extension BackupRun {
    /// Copies the binary logs of the server, from the oldest to where the newest ends now, every event's checksum
    /// verified.
    ///
    /// - Parameter begun: what was copied earlier, to go on from there.
    func receiveBinlogs(
        _ inspected: Inspection,
        _ staging: Staging,
        after begun: BinlogCapture? = nil,
        tells: Bool = true
    ) async throws -> BinlogCapture {
        var endpoint = inspected.endpoint
        endpoint.silenceSeconds = 120
        let dialect = inspected.facts.dialect
        let log = self.log
        return try await ServerConnection.with(endpoint) { connection in
            guard let first = try await connection.binlogFiles().first else {
                throw Failure(.database, "the server at \(endpoint.address) lists no binary logs")
            }
            let end = try await connection.binlogEnd(dialect)
            let capture = try begun?.resumed() ?? BinlogCapture(staging.binlogFolder, inspected.facts.version.flavor)
            var reached = try await connection.dumpBinlogs(
                from: capture.place?.file ?? first,
                at: capture.place?.position ?? 4,
                serverID: TemporaryServerID(configuration: self.configuration).reader,
                dialect: dialect,
                state: capture
            ) { capture, event in
                try capture.take(event)
                if tells { log.amount("binlogs", capture.bytes) }
                // Under writes the end would run away; what is written from here on is the next backup's.
                return capture.has(reached: end) ? .stop : .continue
            }
            reached.end = end
            return reached
        }
    }

    /// Copies all binary logs of the server, and describes them.
    func takeBinlogs(
        _ inspected: Inspection,
        _ staging: Staging,
        after begun: BinlogCapture? = nil
    ) async throws -> [Manifest.BinlogRecord] {
        let capture = try await self.receiveBinlogs(inspected, staging, after: begun)
        let end = capture.end
        let summaries = try capture.finished()
        try Self.check(summaries, against: end)
        return summaries.map {
            Manifest.BinlogRecord(
                name: $0.name,
                size: Int64($0.size),
                previous: $0.previous,
                gtids: $0.gtids,
                serverIDs: $0.serverIDs.sorted(),
                anonymous: $0.anonymousCount
            )
        }
    }
}

extension BackupRun {
    /// A dump that the server broke off ends like one that is complete.
    fileprivate static func check(_ summaries: [BinlogSummary], against end: (file: String, size: UInt64)?) throws {
        guard let end else { return }
        let reached = summaries.first { $0.name == end.file }
        guard let reached, reached.size >= end.size else {
            throw Failure(
                .unusable,
                "the server broke off sending its binary logs; nothing was published",
                cause: "\(end.file) was sent up to \(reached?.size ?? 0), it reached \(end.size)",
                hint: "look into the server's error log, then run dorsal backup again"
            )
        }
    }
}

/// Files being written from a dump of binary logs.
struct BinlogCapture: Sendable {
    private let folder: String
    private var receiver: BinlogReceiver
    private var file: BinlogFile?
    private var summaries: [BinlogSummary] = []
    /// Bytes taken so far.
    private(set) var bytes: Int64 = 0
    /// Where the server's last file ended when the dump began.
    var end: (file: String, size: UInt64)?

    /// Makes the folder for the files.
    init(_ folder: String, _ flavor: GTIDFlavor) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        self.folder = folder
        self.receiver = BinlogReceiver(flavor: flavor)
    }

    /// Where a dump is to go on; nil before the first.
    var place: (file: String, position: UInt32)? {
        guard let file = self.receiver.fileName else { return nil }
        return UInt32(exactly: self.receiver.sourcePosition).map { (file, $0) }
    }

    /// What a dump can go on from; behind 4 GiB of a file it cannot be asked to, and nil is returned.
    func resumed() throws -> BinlogCapture? {
        if self.place != nil { return self }
        try FileManager.default.removeItem(atPath: self.folder)
        return nil
    }

    mutating func take(_ event: UnsafeRawBufferPointer) throws {
        switch try self.receiver.receive(event) {
        case .nothing: return
        case .append: try self.file?.write(event)
        case .startFile(let name, let finished):
            try self.close(finished)
            self.file = try BinlogFile(path: "\(self.folder)/\(name)")
        }
        self.bytes += Int64(event.count)
    }

    /// Whether a place in a file was reached or passed.
    func has(reached end: (file: String, size: UInt64)?) -> Bool {
        guard let end, let name = self.receiver.fileName else { return false }
        return name == end.file && self.receiver.fileSize >= end.size
    }

    /// Ends the last file and returns what all files hold.
    consuming func finished() throws -> [BinlogSummary] {
        try self.close(self.receiver.finish())
        return self.summaries
    }

    private mutating func close(_ summary: BinlogSummary?) throws {
        try self.file?.close()
        self.file = nil
        if let summary { self.summaries.append(summary) }
    }
}

/// One binary log being written, in blocks of a mebibyte.
struct BinlogFile: Sendable {
    private static let block = 1 << 20

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(path: String) throws {
        self.path = path
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw Failure.file("create", path, errno: errno) }
        self.buffer.reserveCapacity(Self.block)
        self.buffer.append(contentsOf: BinlogReceiver.magic)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if self.buffer.count + bytes.count > Self.block { try self.flush() }
        if bytes.count > Self.block {
            try self.writeAll(bytes)
        } else {
            self.buffer.append(contentsOf: bytes)
        }
    }

    mutating func close() throws {
        defer { _ = Glibc.close(self.descriptor) }
        try self.flush()
    }

    private mutating func flush() throws {
        try self.buffer.withUnsafeBytes { try self.writeAll($0) }
        self.buffer.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(self.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.file("write to", self.path, errno: errno)
            }
            rest = rest.dropFirst(count)
        }
    }
}
