import Database
import Failures
import GTID
import TestSupport
import Testing

@testable import Engines

@Suite("Where a copy stands")
struct BoundaryTests {
    private static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    private static let other = "5b11fa47-71ca-11e1-9e33-c80aa9429562"

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("File, position and GTIDs, MariaDB's on one line")
    func mariadb() throws {
        let info = try BinlogInfo(parsing: "mysql-bin.000003\t1541\t0-1-100,2-2-7\n", path: "/i")
        #expect(info.file == "mysql-bin.000003")
        #expect(info.position == 1541)
        #expect(info.gtid == "0-1-100,2-2-7")
    }

    @Test("MySQL's GTIDs may go over several lines")
    func severalLines() throws {
        let text = "binlog.000012\t157\t\(Self.uuid):1-5:7,\n\(Self.other):1-3\n"
        let info = try BinlogInfo(parsing: text, path: "/i")
        #expect(info.gtid == "\(Self.uuid):1-5:7,\(Self.other):1-3")
        #expect(try GTIDSet(parsing: info.gtid, flavor: .mysql).count == 9)
    }

    @Test("No GTID yet", arguments: ["binlog.000001\t157\n", "binlog.000001\t157\t\n", "binlog.000001\t157"])
    func noGTID(_ text: String) throws {
        let info = try BinlogInfo(parsing: text, path: "/i")
        #expect(info.file == "binlog.000001")
        #expect(info.position == 157)
        #expect(info.gtid == "")
    }

    @Test(
        "What is no file and position",
        arguments: [
            "", "\n", "binlog.000001", "binlog.000001\t", "binlog.000001\tx\t0-1-1", "\t157\t0-1-1", "a\t-4\tb",
        ]
    )
    func garbage(_ text: String) throws {
        let failure = try #require(throws: Failure.self) { try BinlogInfo(parsing: text, path: "/d/binlog_info") }
        #expect(failure.class == .integrity)
        #expect(failure.message.hasPrefix("/d/binlog_info "))
        #expect(failure.cause == text)
    }

    @Test("The newer name of the info file goes before the older one")
    func names() throws {
        let engine = CopyToolEngine(version: ServerVersion(flavor: .mariadb, 11, 4, 2), base: nil)
        try self.folder.write("bin.000001\t400\t0-1-4\n", to: "xtrabackup_binlog_info")
        #expect(try engine.boundary(in: self.folder.path).binlogPosition == 400)
        try self.folder.write("bin.000002\t500\t0-1-5\n", to: "mariadb_backup_binlog_info")
        let boundary = try engine.boundary(in: self.folder.path)
        #expect(boundary.binlogFile == "bin.000002")
        #expect(boundary.binlogPosition == 500)
        #expect(boundary.isExact)
        #expect(boundary.lower == (try GTIDSet(parsing: "0-1-5", flavor: .mariadb)))
    }

    @Test("A copy without the file, or with damaged GTIDs in it, is refused")
    func refused() throws {
        let engine = CopyToolEngine(version: ServerVersion(flavor: .mysql, 8, 4, 0), base: nil)
        try self.folder.write("bin.000002\t500\t0-1-5\n", to: "mariadb_backup_binlog_info")
        let missing = try #require(throws: Failure.self) { try engine.boundary(in: self.folder.path) }
        #expect(missing.class == .unusable)
        #expect(missing.message == "xtrabackup left no binlog_info file in \(self.folder.path)")
        try self.folder.write("bin.000002\t500\tno-set-at-all\n", to: "xtrabackup_binlog_info")
        let damaged = try #require(throws: Failure.self) { try engine.boundary(in: self.folder.path) }
        #expect(damaged.class == .integrity)
    }

    @Test("A boundary is exact when nothing lies between its sets")
    func exact() throws {
        let five = try GTIDSet(parsing: "\(Self.uuid):1-5", flavor: .mysql)
        let six = try GTIDSet(parsing: "\(Self.uuid):1-6", flavor: .mysql)
        #expect(DataBoundary(lower: five, upper: five).isExact)
        #expect(!DataBoundary(lower: five, upper: six).isExact)
    }
}
