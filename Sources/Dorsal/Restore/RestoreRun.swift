import Database
import Engines
import Failures
import Foundation
import GTID
import Storage

/// One restore, from the plan to a data directory that is ready to start; the order of things is in ``run()``.
struct RestoreRun {
    let configuration: Configuration
    let options: RestoreOptions
    let log: RunLog

    func run() async throws -> RestoreSummary {
        let plan = try await self.log.stage("plan") { try await self.plan() }
        let lock = try WorkFolder.open(plan.layout)
        defer { lock.release() }
        try await TemporaryServers.endLeftovers(plan.layout)
        let replayed: Replayed
        if let resumed = try self.resumed(plan) {
            replayed = resumed
        } else {
            replayed = try await self.restored(plan)
        }
        let base = plan.manifest.binlogSet.union(replayed.dataSet)
        guard self.options.catchesUp else {
            return try await self.ready(plan, Proof(expected: base, executed: replayed.executed), peers: [], lock: lock)
        }
        let rejoin = Rejoin(layout: plan.layout, configuration: self.configuration, log: self.log)
        let rejoined = try await self.log.stage("rejoin") {
            try await rejoin.run(
                plan.temporary(plan.layout.rejoinOptionFile, plan.rejoinOptions),
                base: base,
                recorded: plan.manifest.channels,
                temporaryServerID: plan.temporaryServerID
            )
        }
        let proof = try await self.log.stage("prove") { try await rejoin.prove(rejoined) }
        return try await self.ready(plan, proof, peers: rejoined.peers, lock: lock)
    }

    /// From the package to a server that holds everything that the backup holds.
    private func restored(_ plan: RestorePlan) async throws -> Replayed {
        var journal = Journal(
            backup: plan.manifest.id,
            stage: .unpack,
            started: Date(),
            temporaryServerId: plan.temporaryServerID
        )
        let interrupted = try Journal.read(plan.layout.workFolder)
        let isUnfinished = interrupted?.leftUnfinishedData ?? false
        // The user's own data directory stays the one to tell of, however often a restore is tried.
        if isUnfinished { journal.movedAside = interrupted?.movedAside }
        try WorkFolder.clear(plan.layout)
        let placement = Placement(layout: plan.layout, isUnfinished: isUnfinished)
        try journal.write(plan.layout.workFolder)
        let unpacked = try await self.log.stage("unpack", plan.package) { try await self.unpack(plan) }
        try await self.log.stage("prepare", plan.manifest.engine.tool) { try await self.prepare(plan, unpacked) }
        try await self.log.stage("place", plan.layout.dataDirectory) {
            try await self.place(plan, unpacked, placement, &journal)
        }
        journal.stage = .replay
        try journal.write(plan.layout.workFolder)
        let replayed = try await self.log.stage("replay", "\(plan.manifest.binlogs.count) binary logs") {
            try await Replay(plan: plan, log: self.log).run()
        }
        try await self.placeBinlogs(plan)
        journal.stage = .rejoin
        journal.dataSet = replayed.dataSet.description
        try journal.write(plan.layout.workFolder)
        return replayed
    }

    /// What an interrupted run had reached, when it is a safe point to go on from.
    private func resumed(_ plan: RestorePlan) throws -> Replayed? {
        guard let journal = try Journal.read(plan.layout.workFolder) else { return nil }
        let isThere = FileManager.default.fileExists(atPath: "\(plan.layout.dataDirectory)/ibdata1")
        guard journal.backup == plan.manifest.id, journal.stage == .rejoin, isThere, let data = journal.dataSet else {
            self.log.note(
                "an interrupted restore of \(journal.backup) stopped at \(journal.stage.rawValue); starting again"
            )
            return nil
        }
        self.log.note("going on with the interrupted restore of \(journal.backup), which had replayed its binary logs")
        let dataSet = try GTIDSet(parsing: data, flavor: plan.manifest.server.flavor)
        return Replayed(dataSet: dataSet, executed: dataSet.union(plan.manifest.binlogSet))
    }

    /// Leaves nothing but what the user asked for, and judges.
    private func ready(
        _ plan: RestorePlan,
        _ proof: Proof,
        peers: [PeerOutcome],
        lock: FileLock
    ) async throws -> RestoreSummary {
        try await self.log.stage("ready") {
            let journal = try Journal.read(plan.layout.workFolder)
            let verdict = Verdict(proof: proof, peers: peers, catchesUp: self.options.catchesUp)
            if verdict.isComplete { try await WorkFolder.remove(plan.layout) }
            let summary = RestoreSummary(
                backup: plan.manifest.id.description,
                layout: plan.layout,
                proof: proof,
                peers: peers,
                temporaryServerID: plan.temporaryServerID,
                movedAside: journal?.movedAside,
                warnings: self.log.warnings + verdict.warnings,
                seconds: self.log.seconds
            )
            if let failure = verdict.failure { throw IncompleteRestore(failure: failure, summary: summary) }
            return summary
        }
    }
}
