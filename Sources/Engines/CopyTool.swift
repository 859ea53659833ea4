package import Database
import GTID

/// What differs between the tools of the xtrabackup family, in one table.
///
/// Sources: Percona XtraBackup 2.4, 8.0 and 8.4 manuals ("xtrabackup option reference", "Connection and privileges
/// needed"); MariaDB documentation, "mariadb-backup options".
package struct CopyTool: Sendable, Equatable {
    package let kind: EngineKind
    /// Names of the program, the newest first.
    package let programs: [String]
    /// Names of the program that packs and unpacks its streams.
    package let streamPrograms: [String]
    /// What `--stream` takes.
    package let streamFormat: String
    /// Options of `--backup` that only this series has.
    package let backupOptions: [String]
    /// What its info files' names begin with, the newest first.
    package let infoPrefixes: [String]
    /// Global privileges that its `--backup` needs.
    package let privileges: [String]
    /// The series of the tool that can copy the server; nil where the tool comes with the server.
    package let series: String?

    /// The tool for a server.
    package static func matching(_ version: ServerVersion) -> CopyTool {
        switch version.flavor {
        case .mariadb: .mariabackup(version)
        case .mysql where !version.isAtLeast(8, 0): .xtrabackup24
        case .mysql where !version.isAtLeast(8, 1): .xtrabackup80
        case .mysql: .xtrabackup84(series: version.series)
        }
    }

    /// mariadb-backup; from 10.5 on both names exist, from 11 on maybe only the new one.
    static func mariabackup(_ version: ServerVersion) -> CopyTool {
        CopyTool(
            kind: .mariabackup,
            programs: ["mariadb-backup", "mariabackup"],
            streamPrograms: ["mbstream"],
            streamFormat: "xbstream",
            backupOptions: [],
            infoPrefixes: ["mariadb_backup_", "xtrabackup_"],
            // BACKUP STAGE needs LOCK TABLES too since 10.11.7 and its contemporaries; asked of all, as it is harmless.
            privileges: ["RELOAD", "PROCESS", "LOCK TABLES", "SLAVE MONITOR"],
            series: nil
        )
    }

    /// XtraBackup 2.4, for MySQL 5.7.
    static let xtrabackup24 = CopyTool.xtrabackup(
        backupOptions: [],
        privileges: ["RELOAD", "LOCK TABLES", "PROCESS", "REPLICATION CLIENT"],
        series: "2.4"
    )

    /// XtraBackup 8.0, for MySQL 8.0; it locks DDL by default.
    static let xtrabackup80 = CopyTool.xtrabackup(
        backupOptions: [],
        privileges: ["BACKUP_ADMIN", "PROCESS", "RELOAD", "LOCK TABLES", "REPLICATION CLIENT"],
        series: "8.0"
    )

    /// XtraBackup 8.4 and later: the tool's series is the server's.
    static func xtrabackup84(series: String) -> CopyTool {
        CopyTool.xtrabackup(
            backupOptions: ["--lock-ddl=ON"],
            privileges: ["BACKUP_ADMIN", "PROCESS", "RELOAD", "LOCK TABLES", "REPLICATION CLIENT"],
            series: series
        )
    }

    private static func xtrabackup(backupOptions: [String], privileges: [String], series: String) -> CopyTool {
        CopyTool(
            kind: .xtrabackup,
            programs: ["xtrabackup"],
            streamPrograms: ["xbstream"],
            streamFormat: "xbstream",
            backupOptions: backupOptions,
            infoPrefixes: ["xtrabackup_"],
            privileges: privileges,
            series: series
        )
    }
}

extension CopyTool {
    /// What is copied, by whom, and where to.
    struct Job {
        /// A private file with the password.
        let optionFile: String
        let user: String
        let socket: String
        let dataDirectory: String
        /// The folder for the copy; of a stream, for what the tool needs on the disk meanwhile.
        let target: String
        /// How many files at a time.
        let parallel: Int
    }

    /// Arguments that copy a running server's data into a folder; option files must be named first.
    func backupArguments(_ job: Job) -> [String] {
        [
            "--defaults-file=\(job.optionFile)", "--backup", "--user=\(job.user)", "--socket=\(job.socket)",
            "--datadir=\(job.dataDirectory)", "--slave-info", "--parallel=\(job.parallel)",
        ] + self.backupOptions + ["--target-dir=\(job.target)"]
    }

    /// Arguments that copy a running server's data to standard output, as one stream.
    func streamArguments(_ job: Job) -> [String] { self.backupArguments(job) + ["--stream=\(self.streamFormat)"] }

    /// Arguments of the stream's own program that make files of what it reads on standard input.
    func unpackArguments(directory: String, parallel: Int) -> [String] {
        ["-x", "-C", directory, "--parallel=\(parallel)"]
    }

    /// Arguments that make a copy consistent.
    func prepareArguments(target: String, memory: Int64) -> [String] {
        ["--prepare", "--target-dir=\(target)", "--use-memory=\(memory)"]
    }
}
