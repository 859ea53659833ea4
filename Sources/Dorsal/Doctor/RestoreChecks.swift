import Database
import Failures
import Progress

/// Judges what a restore on this machine needs; a machine that only takes backups need not have all of it.
enum RestoreChecks {
    static func judge(
        _ machine: Doctor.Machine?,
        _ server: ServerReport?,
        _ newest: Manifest?,
        _ peers: Result<[PeerReport], Failure>?,
        _ configuration: Configuration
    ) -> [Check] {
        guard let machine else { return [] }
        let version = server?.facts.version ?? newest.flatMap { try? ServerVersion(parsing: $0.server.version) }
        var checks = [self.program(machine.program, version)]
        switch machine.report {
        case .failure(let failure): checks.append(.failed(.restore, "target", failure))
        case .success(let report): checks += self.judge(report, newest, configuration)
        }
        return checks + [self.temporaryServerID(server, newest, peers, configuration)]
    }

    static func program(_ program: Result<Installation, Failure>, _ version: ServerVersion?) -> Check {
        switch program {
        case .failure(let failure): return .failed(.restore, "server program", failure)
        case .success(let installation):
            let found = "\(installation.server) \(installation.version.number)"
            guard let version else { return .ok(.restore, "server program", found) }
            if let failure = Requirement.program(installation, startsOn: version) {
                return .failed(.restore, "server program", failure)
            }
            guard installation.version.series != version.series else { return .ok(.restore, "server program", found) }
            let detail = "the server is \(version.text), the program \(found): it would upgrade the data"
            return .warning(.restore, "server program", detail, hint: "set instance.base to the server's installation")
        }
    }

    static func judge(_ report: MachineReport, _ newest: Manifest?, _ configuration: Configuration) -> [Check] {
        var checks = [self.owner(report, configuration.instance.osUser)]
        if let problem = report.problem {
            checks.append(.warning(.restore, "target", problem))
        } else {
            checks.append(self.room(report, newest))
        }
        if let leftover = report.leftover {
            let hint = "dorsal restore goes on with it; if that is not wanted, remove it"
            checks.append(
                .warning(.restore, "interrupted restore", "\(leftover) is of one that did not end", hint: hint)
            )
        }
        return checks
    }

    /// Only root can give files away.
    private static func owner(_ report: MachineReport, _ name: String) -> Check {
        guard let osUser = report.osUser else {
            let failure = Failure(
                .usage,
                "there is no user '\(name)' on this machine",
                hint: "set instance.os_user to the server's user"
            )
            return .failed(.restore, "os_user", failure)
        }
        if report.uid == 0 { return .ok(.restore, "os_user", "'\(name)' gets the restored files") }
        if report.uid == osUser { return .ok(.restore, "os_user", "this process runs as '\(name)'") }
        let detail = "uid \(report.uid) cannot give restored files to '\(name)'"
        return .warning(.restore, "os_user", detail, hint: "run dorsal restore as root; backups go on without")
    }

    /// The earlier data directory is moved aside, not removed, so it makes no room.
    private static func room(_ report: MachineReport, _ newest: Manifest?) -> Check {
        guard let available = report.available else {
            return .ok(.restore, "target", "\(report.parent) can be written to")
        }
        let free = "\(Sizes.text(available)) free at \(report.parent)"
        guard let needed = newest?.unpackedBytes else { return .ok(.restore, "target", free) }
        if let failure = Requirement.room(toUnpack: needed, available: available, at: report.dataDirectory) {
            return .warning(.restore, "target", failure)
        }
        return .ok(.restore, "target", "\(free), the newest backup unpacks to \(Sizes.text(needed))")
    }

    private static func temporaryServerID(
        _ server: ServerReport?,
        _ newest: Manifest?,
        _ peers: Result<[PeerReport], Failure>?,
        _ configuration: Configuration
    ) -> Check {
        let name = "temporary server-id"
        var taken = Set(newest?.binlogs.flatMap(\.serverIDs) ?? [])
        if let id = server?.facts.serverID { taken.insert(id) }
        for report in peers?.success ?? [] {
            if let id = report.facts.success?.serverID { taken.insert(id) }
            taken.formUnion(report.sample.success?.serverIDs ?? [])
        }
        do {
            let id = try TemporaryServerID(configuration: configuration).choose(taken)
            return .ok(.restore, name, "\(id) is free as far as can be seen")
        } catch let failure as Failure {
            return .failed(.restore, name, failure)
        } catch {
            return .failed(.restore, name, Failure(.internal, "it could not be chosen", cause: "\(error)"))
        }
    }
}
