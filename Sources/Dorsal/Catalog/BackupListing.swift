import Archive
import Engines
import Failures
public import Foundation
import GTID

/// One backup in a list.
public struct BackupListing: Sendable, Encodable {
    /// Always `backup`.
    public let type = "backup"
    /// The backup's id.
    public let id: String
    /// The instance's name.
    public let instance: String
    /// When it was finished; nil when its manifest cannot be read.
    public let finished: Date?
    /// What copied the data.
    public let engine: String?
    /// The server that was backed up.
    public let server: String?
    /// The package's size in bytes.
    public let bytes: Int64?
    /// How far data and binary logs reach together.
    public let gtid: String?
    /// The package's path in the local repository; nil when it is not there.
    public let local: String?
    /// The package's URL in S3; nil when it is not there.
    public let s3: String?
    /// When all of its copies had been read back and were whole; nil when one never was.
    public let verified: Date?
    /// Whether it is marked to be kept.
    public let kept: Bool
    /// Why it is to be kept.
    public let note: String?
    /// The places that have a manifest of it.
    public let copies: [Copy]
    /// What is wrong with the backup; nil when nothing is known to be.
    public let problem: String?

    /// A backup as it lies in one place.
    public struct Copy: Sendable, Encodable {
        /// `local` or `s3`.
        public let place: String
        /// The package's path or URL; nil when it is not as it should be.
        public let package: String?
        /// What the package and the small files beside it take, in bytes.
        public let bytes: Int64
        /// When it was last read back; nil when it never was.
        public let verified: Date?
        /// What was found then: `ok` or `damaged`.
        public let result: String?
        /// When it could not be read, after that; nil when it could.
        public let attempted: Date?
        /// Who marked it to be kept, and when.
        public let keptBy: String?
        /// When it was marked to be kept.
        public let keptSince: Date?
        /// What is wrong with it.
        public let problem: String?
        /// What the problem's cause is.
        public let cause: String?

        init(_ copy: StoredCopy) {
            self.place = copy.place.kind.rawValue
            self.package = copy.address
            self.bytes = copy.bytes
            let known = copy.verified.flatMap { $0.result == .unknown ? nil : $0 }
            self.verified = known?.finished
            self.result = known?.result.rawValue
            self.attempted = copy.verified?.attempted
            self.keptBy = copy.keep?.by
            self.keptSince = copy.keep?.since
            self.problem = copy.problem?.message
            self.cause = copy.problem?.cause
        }
    }

    init(_ id: BackupID, _ instance: String, _ copies: [StoredCopy]) {
        let manifest = copies.lazy.compactMap(\.manifest).first
        let verified = copies.map(\.lastGood)
        let problems = copies.compactMap(\.problem?.message)
        let keep = copies.lazy.compactMap(\.keep).first
        self.id = id.description
        self.instance = instance
        self.finished = manifest?.finished
        self.engine = manifest?.engine.kind.rawValue
        self.server = manifest?.server.version
        self.bytes = manifest?.bytes
        self.gtid = manifest?.reach.description
        self.local = copies.first { $0.place.kind == .local }?.address
        self.s3 = copies.first { $0.place.kind == .s3 }?.address
        self.verified = verified.contains(nil) ? nil : verified.compactMap { $0 }.min()
        self.kept = keep != nil
        self.note = keep?.note
        self.copies = copies.map(Copy.init)
        self.problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
    }
}
