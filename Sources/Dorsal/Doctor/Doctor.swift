import Failures

/// Looks at everything that could make a backup or a restore fail, and changes nothing on any server.
///
/// All questions are asked at the same time; judging the answers needs no waiting, and is done by functions of facts.
struct Doctor {
    let configuration: Configuration
    let groups: Set<CheckGroup>
    /// A command that prints a secret has as long as this, so that it ends before its question does.
    static let secretLimit: Duration = .seconds(5)

    func run() async throws -> Diagnosis {
        let started = ContinuousClock.now
        let limit = TimeLimit(seconds: 8)
        async let askedServer = self.askServer(limit, isWanted: self.wants(.server, .engine, .peers, .restore))
        async let triedFolders = self.tryFolders(limit)
        async let triedBucket = self.tryBucket(limit)
        async let foundBackups = self.findBackups(limit, isWanted: self.wants(.backups, .peers, .restore))
        async let askedPeers = self.askPeers(limit, isWanted: self.wants(.peers, .restore))
        async let lookedAtMachine = self.lookAtMachine(limit)
        let server = try await askedServer
        async let examinedEngine = self.examineEngine(server, limit)
        let (backups, peers) = try await (foundBackups, askedPeers)
        let newest = backups?.newest

        var checks = ConfigurationChecks.judge(self.configuration)
        checks += ServerChecks.judge(server, self.configuration)
        checks += EngineChecks.judge(try await examinedEngine)
        checks += RepositoryChecks.judge(try await triedFolders, self.configuration)
        checks += BucketChecks.judge(try await triedBucket)
        checks += BackupsChecks.judge(backups)
        checks += PeersChecks.judge(peers, server?.success, newest, self.configuration)
        checks += RestoreChecks.judge(try await lookedAtMachine, server?.success, newest, peers, self.configuration)
        return Diagnosis(
            instance: self.configuration.instance.name,
            checks: checks.filter { self.groups.contains($0.group) },
            backupAge: backups?.age,
            seconds: Self.seconds(ContinuousClock.now - started)
        )
    }

    /// Whether one of the groups is looked at; the others' answers are not asked for.
    func wants(_ groups: CheckGroup...) -> Bool { !self.groups.isDisjoint(with: groups) }

    private static func seconds(_ duration: Duration) -> Double {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return (seconds * 1000).rounded() / 1000
    }
}

extension Result {
    /// What was answered, if anything was.
    var success: Success? { try? self.get() }
}
