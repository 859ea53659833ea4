import Archive
import Database
import Failures
import GTID
import Testing

@testable import Engines

@Suite("The tools of the xtrabackup family")
struct CopyToolTests {
    private static func mysql(_ major: Int, _ minor: Int, _ patch: Int) -> ServerVersion {
        ServerVersion(flavor: .mysql, major, minor, patch)
    }

    private static let mariadb = ServerVersion(flavor: .mariadb, 10, 11, 19, text: "10.11.19-MariaDB")

    private static let job = CopyTool.Job(
        optionFile: "/s/login.cnf",
        user: "dorsal",
        socket: "/run/s.sock",
        dataDirectory: "/var/lib/mysql",
        target: "/s/data",
        parallel: 4
    )

    private func backup(_ tool: CopyTool) -> [String] { tool.backupArguments(Self.job) }

    /// A server and the series of the tool that copies it; nil for the tool that comes with the server.
    private static let pairs: [(ServerVersion, EngineKind, String?)] = [
        (Self.mysql(5, 7, 44), .xtrabackup, "2.4"), (Self.mysql(8, 0, 17), .xtrabackup, "8.0"),
        (Self.mysql(8, 0, 46), .xtrabackup, "8.0"), (Self.mysql(8, 4, 0), .xtrabackup, "8.4"),
        (Self.mysql(9, 7, 4), .xtrabackup, "9.7"), (Self.mysql(26, 7, 0), .xtrabackup, "26.7"),
        (Self.mariadb, .mariabackup, nil),
    ]

    @Test("Each server has its tool", arguments: pairs)
    func matching(_ version: ServerVersion, _ kind: EngineKind, _ series: String?) {
        let tool = CopyTool.matching(version)
        #expect(tool.kind == kind)
        #expect(tool.series == series)
        #expect(tool.programs == (kind == .xtrabackup ? ["xtrabackup"] : ["mariadb-backup", "mariabackup"]))
        #expect(tool.streamPrograms == [kind == .xtrabackup ? "xbstream" : "mbstream"])
        #expect(tool.streamFormat == "xbstream")
        #expect(tool.infoPrefixes.last == "xtrabackup_")
    }

    @Test("The whole command line of a backup", arguments: pairs)
    func backupArguments(_ version: ServerVersion, _ kind: EngineKind, _ series: String?) {
        let locks = kind == .xtrabackup && version.isAtLeast(8, 1) ? ["--lock-ddl=ON"] : []
        #expect(
            self.backup(.matching(version))
                == [
                    "--defaults-file=/s/login.cnf", "--backup", "--user=dorsal", "--socket=/run/s.sock",
                    "--datadir=/var/lib/mysql", "--slave-info", "--parallel=4",
                ] + locks + ["--target-dir=/s/data"]
        )
    }

    @Test("The whole command lines of a stream, and of making files of it", arguments: pairs)
    func streamArguments(_ version: ServerVersion, _ kind: EngineKind, _ series: String?) {
        let tool = CopyTool.matching(version)
        let arguments = tool.streamArguments(Self.job)
        #expect(arguments == self.backup(tool) + ["--stream=xbstream"])
        #expect(tool.unpackArguments(directory: "/r/data", parallel: 3) == ["-x", "-C", "/r/data", "--parallel=3"])
        #expect(tool.kind.streamDialect == (kind == .mariabackup ? .mariadb : .percona))
    }

    @Test("The whole command line of a preparation", arguments: pairs)
    func prepareArguments(_ version: ServerVersion, _ kind: EngineKind, _ series: String?) {
        #expect(
            CopyTool.matching(version).prepareArguments(target: "/r/data", memory: 104_857_600)
                == ["--prepare", "--target-dir=/r/data", "--use-memory=104857600"]
        )
    }

    @Test("Privileges are those of the series")
    func privileges() {
        let old = CopyTool.xtrabackup24.privileges
        #expect(!old.contains("BACKUP_ADMIN"))
        let common = ["PROCESS", "RELOAD", "LOCK TABLES"]
        for tool in [CopyTool.xtrabackup24, .xtrabackup80, .xtrabackup84(series: "8.4")] {
            #expect(Set(tool.privileges).isSuperset(of: common + ["REPLICATION CLIENT"]))
            #expect(tool.privileges.contains("BACKUP_ADMIN") == (tool.series != "2.4"))
        }
        #expect(Set(CopyTool.matching(Self.mariadb).privileges) == Set(common + ["SLAVE MONITOR"]))
        #expect(CopyTool.matching(Self.mariadb).infoPrefixes == ["mariadb_backup_", "xtrabackup_"])
    }

    /// What `--version` prints, and the tool's own version in it.
    private static let printed = [
        (
            [
                "xtrabackup: recognized server arguments: --datadir=/var/lib/mysql ",
                "xtrabackup version 2.4.29 based on MySQL server 5.7.44 Linux (x86_64) (revision id: 2e6c0951)",
            ], "2.4.29"
        ),
        (["xtrabackup version 8.0.35-30 based on MySQL server 8.0.35 Linux (x86_64)"], "8.0.35-30"),
        (
            [
                "2026-01-02T10:00:00.123456-00:00 0 [Note] [MY-011825] [Xtrabackup] recognized server arguments: "
                    + "--datadir=/var/lib/mysql-9.1.0",
                "xtrabackup version 8.4.0-1 based on MySQL server 8.4.0 Linux (x86_64) (revision id: da6e1abb)",
            ], "8.4.0-1"
        ),
        (
            ["mariadb-backup based on MariaDB server 10.11.19-MariaDB debian-linux-gnu (x86_64)"],
            "10.11.19-MariaDB"
        ),
        // The program names itself by its path.
        (
            ["/opt/mariadb-10.6.16/bin/mariadb-backup based on MariaDB server 11.4.2-MariaDB Linux (x86_64)"],
            "11.4.2-MariaDB"
        ),
    ]

    @Test("The tool's own version, whatever else it prints", arguments: printed)
    func toolVersion(_ lines: [String], _ own: String) throws {
        let version = try CopyToolEngine.version(in: lines)
        #expect(version == (try ServerVersion(parsing: own)))
    }

    @Test("A tool that prints no version is a failure", arguments: [[], ["xtrabackup version unknown"], ["usage: …"]])
    func noVersion(_ lines: [String]) throws {
        let failure = try #require(throws: Failure.self) { try CopyToolEngine.version(in: lines) }
        #expect(failure.class == .database)
    }
}
