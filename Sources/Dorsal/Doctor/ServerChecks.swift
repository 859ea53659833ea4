import Database
import Engines
import Failures
import Foundation
import GTID

/// Judges the instance's server.
enum ServerChecks {
    static func judge(_ answer: Result<ServerReport, Failure>?, _ configuration: Configuration) -> [Check] {
        switch answer {
        case nil: return []
        case .failure(let failure): return [.failed(.server, "server", failure)]
        case .success(let report): return self.judge(report, configuration)
        }
    }

    static func judge(_ report: ServerReport, _ configuration: Configuration) -> [Check] {
        let instance = configuration.instance
        let facts = report.facts
        let detail = "\(facts.version.text) answers '\(instance.user)' at \(instance.socket)"
        let binlogs = Requirement.binlogs(facts, instance)
        var checks = [
            Check.ok(.server, "server", detail),
            .require(.server, "version", self.version(facts.version), else: "\(facts.version.number) is supported"),
            .require(.server, "binary logs", binlogs, else: "on, \(facts.binlogBase).*"),
        ]
        if binlogs == nil { checks += self.binlogs(report) }
        checks.append(self.gtids(report, instance))
        checks += self.domains(report)
        checks.append(
            .require(
                .server,
                "InnoDB files",
                Requirement.insideFiles(facts, instance),
                else: "all in \(facts.dataDirectory)"
            )
        )
        return checks + self.privileges(report, configuration) + self.agreement(report, configuration)
    }

    private static func version(_ version: ServerVersion) -> Failure? {
        let isKnown = version.flavor == .mariadb ? version.isAtLeast(10, 5) : version.isAtLeast(5, 7)
        if isKnown { return nil }
        return Failure(
            .unusable,
            "\(version.text) is too old",
            hint: "Dorsal knows MySQL 5.7 and later, MariaDB 10.5 and later"
        )
    }

    private static func binlogs(_ report: ServerReport) -> [Check] {
        let row = [
            ("row image", report.settings["binlog_row_image"]), ("metadata", report.settings["binlog_row_metadata"]),
        ].compactMap { name, value in value.map { ", \(name) \($0)" } }.joined()
        let format = report.facts.binlogFormat
        let checksum = report.settings["binlog_checksum"] ?? "NONE"
        return [
            format == "STATEMENT"
                ? .warning(
                    .server,
                    "binary log format",
                    "STATEMENT: statements may do something else when they are replayed",
                    hint: "SET GLOBAL binlog_format = 'ROW', and set it in [mysqld]"
                ) : .ok(.server, "binary log format", format + row),
            checksum == "NONE"
                ? .warning(
                    .server,
                    "binary log checksums",
                    "off: damage to a binary log would be restored unnoticed",
                    hint: "SET GLOBAL binlog_checksum = 'CRC32', and set it in [mysqld]"
                ) : .ok(.server, "binary log checksums", checksum),
            self.lifetime(report),
        ]
    }

    private static func lifetime(_ report: ServerReport) -> Check {
        guard let seconds = report.binlogLifetime else {
            return .ok(.server, "binary log expiry", "never")
        }
        let time = Age.text(seconds)
        guard seconds < 86_400 else { return .ok(.server, "binary log expiry", "after \(time)") }
        return .warning(
            .server,
            "binary log expiry",
            "binary logs are removed after \(time): a backup may miss some, and a peer that was away for longer too",
            hint: "set binlog_expire_logs_seconds to several days, for example 604800"
        )
    }

    private static func gtids(_ report: ServerReport, _ instance: Configuration.Instance) -> Check {
        if let failure = Requirement.gtids(report.facts, instance) { return .failed(.server, "GTIDs", failure) }
        let (name, remedy) =
            report.facts.version.flavor == .mariadb
            ? ("gtid_strict_mode", "SET GLOBAL gtid_strict_mode = ON, and set it in [mysqld]")
            : ("enforce_gtid_consistency", "SET GLOBAL enforce_gtid_consistency = ON, and set it in [mysqld]")
        let value = report.settings[name] ?? "OFF"
        guard value != "ON" else { return .ok(.server, "GTIDs", "on, \(name) = ON, executed \(report.executed)") }
        return .warning(
            .server,
            "GTIDs",
            "\(name) = \(value): what is written out of order is not noticed",
            hint: remedy
        )
    }

    private static func domains(_ report: ServerReport) -> [Check] {
        guard !report.sharedDomains.isEmpty else { return [] }
        let names = report.sharedDomains.joined(separator: ", ")
        return [
            .warning(
                .server,
                "GTID domains",
                "several servers have written to domain \(names): if they do so at the same time, positions cannot "
                    + "prove that nothing is missing",
                hint: "give each server its own gtid_domain_id"
            )
        ]
    }

    private static func privileges(_ report: ServerReport, _ configuration: Configuration) -> [Check] {
        let user = configuration.instance.user
        let engine = try? configuration.engine(for: report.facts.version)
        let needed = engine?.privileges ?? []
        var checks = [
            Check.require(
                .server,
                "privileges for backups",
                Requirement.backupPrivileges(report.privileges, report.facts, needed, user: user),
                else: "'\(user)' has all"
            )
        ]
        if let grant = Requirement.restoreGrant(report.privileges, report.facts) {
            checks.append(
                .warning(
                    .server,
                    "privileges for restores",
                    "'\(user)' lacks some that a restore will need, and a dead server cannot grant them",
                    hint: "run as an administrator, before the next backup: \(grant)"
                )
            )
        } else {
            checks.append(.ok(.server, "privileges for restores", "'\(user)' has all"))
        }
        return checks
    }

    /// Whether the configuration, the option file and the server speak of the same.
    private static func agreement(_ report: ServerReport, _ configuration: Configuration) -> [Check] {
        let instance = configuration.instance
        let facts = report.facts
        var checks: [Check] = []
        func compare(_ name: String, _ key: String, _ configured: String, _ own: String) {
            guard configured != own else { return checks.append(.ok(.server, name, own)) }
            checks.append(
                .warning(
                    .server,
                    name,
                    "the server's is \(own), \(key) says \(configured)",
                    hint: "correct \(key), or instance.socket if it is another server's"
                )
            )
        }
        compare("data directory", "instance.data", Self.path(instance.dataDirectory), Self.path(facts.dataDirectory))
        compare("port", "instance.port", "\(instance.port)", "\(facts.port)")
        compare("server-id", "instance.id", "\(instance.id)", "\(facts.serverID)")
        return checks + self.optionFile(report, configuration)
    }

    private static func optionFile(_ report: ServerReport, _ configuration: Configuration) -> [Check] {
        let name = "option file"
        switch report.optionFile {
        case .failure(let failure): return [.failed(.server, name, failure)]
        case .success(let file):
            let version = report.facts.version
            let isMariaDB = version.flavor == .mariadb
            let groups = OptionFile.serverGroups(mariadb: isMariaDB, version: (version.major, version.minor))
            if let data = file.value(of: "datadir", in: groups)?.text,
                self.path(data) != self.path(report.facts.dataDirectory)
            {
                let detail = "\(file.path) has datadir \(data), the server's is \(report.facts.dataDirectory)"
                return [.warning(.server, name, detail, hint: "is instance.my_cnf this server's?")]
            }
            let filters = ["binlog_do_db", "binlog_ignore_db"].filter { file.value(of: $0, in: groups) != nil }
            guard filters.isEmpty else {
                let detail = "\(filters.joined(separator: ", ")): what they leave out is in no binary log"
                return [
                    .warning(.server, name, detail, hint: "remove them from \(file.path): no restore brings it back")
                ]
            }
            return [.ok(.server, name, file.files.joined(separator: ", "))]
        }
    }

    private static func path(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
