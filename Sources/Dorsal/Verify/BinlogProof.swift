import Archive
import Binlog
import Failures
import GTID

/// Proves the binary logs of a package while it is read: every event's checksum, and that what they hold is what the
/// manifest says, without a gap.
///
/// One thread uses it.
final class BinlogProof {
    private let manifest: Manifest
    private let package: String
    private var missing: [String: Manifest.BinlogRecord]

    /// - Parameter package: the package's path or address, for messages.
    init(_ manifest: Manifest, package: String) {
        self.manifest = manifest
        self.package = package
        self.missing = Dictionary(manifest.binlogs.map { ($0.name, $0) }) { first, _ in first }
    }

    /// What looks at a file's contents; nil when it is no binary log.
    func inspector(of file: PackageFile) throws -> (any FileInspector)? {
        let folder = PackageFolder.binlog + "/"
        guard file.path.hasPrefix(folder) else { return nil }
        guard let record = self.missing.removeValue(forKey: String(file.path.dropFirst(folder.count))) else {
            throw self.damage("has \(file.path), which its manifest does not list among the binary logs")
        }
        return Inspector(
            record,
            scanner: BinlogScanner(
                name: record.name,
                place: "\(self.package): \(file.path)",
                size: UInt64(max(0, file.size)),
                flavor: self.manifest.server.flavor
            ),
            self
        )
    }

    /// Ends the proof once the package was read.
    ///
    /// - Throws: `Failure` of class `integrity` when a binary log did not come, or when there is a gap between them.
    func finish() throws {
        if let name = self.missing.keys.min() { throw self.damage("lacks the binary log \(name)") }
        do {
            try BinlogJoin(data: self.manifest.data, binlogs: self.manifest.binlogs).check()
        } catch let failure as Failure {
            throw self.damage("has a gap in its history: \(failure.message)", cause: failure.cause)
        }
    }

    fileprivate func compare(_ summary: BinlogSummary, _ record: Manifest.BinlogRecord) throws {
        let pairs: [(String, String, String)] = [
            ("bytes", "\(summary.size)", "\(record.size)"),
            ("previous GTIDs", "\(summary.previous)", "\(record.previous)"),
            ("GTIDs", "\(summary.gtids)", "\(record.gtids)"),
            ("server-ids", "\(summary.serverIDs.sorted())", "\(record.serverIDs)"),
            ("transactions without a GTID", "\(summary.anonymousCount)", "\(record.anonymous)"),
        ]
        guard let (what, actual, expected) = pairs.first(where: { $0.1 != $0.2 }) else { return }
        throw self.damage(
            "has a binary log \(record.name) that is not as its manifest says",
            cause: "\(what): \(actual), not \(expected)"
        )
    }

    private func damage(_ what: String, cause: String? = nil) -> Failure {
        Failure(
            .integrity,
            "Package \(self.package) \(what)",
            cause: cause,
            hint: "Do not use this copy; use another copy or another backup."
        )
    }

    private final class Inspector: FileInspector {
        private let record: Manifest.BinlogRecord
        private var scanner: BinlogScanner
        private let proof: BinlogProof

        init(_ record: Manifest.BinlogRecord, scanner: BinlogScanner, _ proof: BinlogProof) {
            self.record = record
            self.scanner = scanner
            self.proof = proof
        }

        func take(_ bytes: UnsafeRawBufferPointer) throws { try self.scanner.take(bytes) }
        func finish() throws { try self.proof.compare(try self.scanner.finish(), self.record) }
    }
}
