import Blocking
import Database
import Engines
import Failures
import Foundation
import GTID
import Glibc
import Storage

/// One restore, from the plan to a data directory that is ready to start; the order of things is in ``run()``.
struct RestoreRun {
    let configuration: Configuration
    let options: RestoreOptions
    let log: RunLog

    func run() async throws -> RestoreSummary {
        try await Catalog.with(self.configuration, self.log) { catalog in
            let plan = try await self.log.stage("plan") { try await self.plan(catalog) }
            return try await self.run(plan)
        }
    }

    private func run(_ plan: RestorePlan) async throws -> RestoreSummary {
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
            return try await self.ready(plan, Proof(expected: base, executed: replayed.executed), peers: [])
        }
        let rejoin = Rejoin(layout: plan.layout, configuration: self.configuration, log: self.log)
        let rejoined = try await self.log.stage("rejoin") { try await self.rejoin(rejoin, plan, base) }
        let proof = try await self.log.stage("prove") { try await rejoin.prove(rejoined) }
        return try await self.ready(plan, proof, peers: rejoined.peers)
    }

    /// From the package to a server that holds everything that the backup holds.
    private func restored(_ plan: RestorePlan) async throws -> Replayed {
        let work = plan.layout.workFolder
        let interrupted = try Journal.read(work)
        let isUnfinished = UnfinishedMarker.isSet(interrupted, plan.layout.dataDirectory)
        var journal = Journal(
            backup: plan.manifest.id,
            token: interrupted?.token ?? UUID().uuidString,
            stage: .unpack,
            started: Date(),
            // The user's own data directory stays the one to tell of, however often a restore is tried.
            movedAside: interrupted?.movedAside,
            temporaryServerId: plan.temporaryServerID
        )
        let placement = Placement(layout: plan.layout, isUnfinished: isUnfinished, begun: interrupted?.movedAside)
        try WorkFolder.clear(plan.layout)
        try journal.write(work)
        let unpacked = try await self.log.stage("unpack", plan.packages.first?.address ?? "") {
            try await self.unpack(plan)
        }
        try await self.log.stage("prepare", plan.manifest.engine.tool) { try await self.prepare(plan, unpacked) }
        try await self.log.stage("place", plan.layout.dataDirectory) {
            try await self.place(plan, unpacked, placement, &journal)
        }
        journal.stage = .replay
        try journal.write(work)
        let replayed = try await self.log.stage("replay", "\(plan.manifest.binlogs.count) binary logs") {
            try await Replay(plan: plan, log: self.log).run()
        }
        try await self.placeBinlogs(plan)
        // A second run will trust what is on the disk from here on, so it must be there.
        try await offPool { _ in sync() }
        journal.stage = .rejoin
        journal.dataSet = replayed.dataSet.description
        journal.base = plan.manifest.binlogSet.union(replayed.dataSet).description
        journal.binlogs = plan.manifest.binlogs.map(\.name)
        try journal.write(work)
        return replayed
    }

    /// What an interrupted run had reached, when it is a safe point to go on from.
    ///
    /// It is one for a rejoin only, which asks the server itself what it holds.
    private func resumed(_ plan: RestorePlan) throws -> Replayed? {
        guard let journal = try Journal.read(plan.layout.workFolder) else { return nil }
        let isOurs = UnfinishedMarker.isSet(journal, plan.layout.dataDirectory)
        guard self.options.catchesUp, isOurs, journal.backup == plan.manifest.id, journal.stage == .rejoin,
            let data = journal.dataSet
        else {
            self.log.note(
                "an interrupted restore of \(journal.backup) stopped at \(journal.stage.rawValue); starting again"
            )
            return nil
        }
        self.log.note("going on with the interrupted restore of \(journal.backup), which had replayed its binary logs")
        let dataSet = try GTIDSet(parsing: data, flavor: plan.manifest.server.flavor)
        return Replayed(dataSet: dataSet, executed: dataSet.union(plan.manifest.binlogSet))
    }

    private func rejoin(_ rejoin: Rejoin, _ plan: RestorePlan, _ base: GTIDSet) async throws -> Rejoined {
        do {
            return try await rejoin.run(
                plan.temporary(plan.layout.rejoinOptionFile, plan.rejoinOptions),
                base: base,
                recorded: plan.manifest.channels,
                knownBinlogs: plan.manifest.binlogs.map(\.name),
                temporaryServerID: plan.temporaryServerID
            )
        } catch let failure as Failure where failure.class == .integrity {
            // The data directory is not what it was taken for: the next run must start again.
            if var journal = try Journal.read(plan.layout.workFolder) {
                journal.stage = .replay
                try journal.write(plan.layout.workFolder)
            }
            throw failure
        }
    }

    /// Leaves nothing but what the user asked for, and judges.
    private func ready(
        _ plan: RestorePlan,
        _ proof: Proof,
        peers: [PeerOutcome]
    ) async throws -> RestoreSummary {
        try await self.log.stage("ready") {
            let journal = try Journal.read(plan.layout.workFolder)
            let verdict = Verdict(proof: proof, peers: peers, catchesUp: self.options.catchesUp)
            for warning in verdict.warnings { self.log.warn(warning) }
            if verdict.isComplete {
                try UnfinishedMarker.remove(plan.layout.dataDirectory)
                try await WorkFolder.remove(plan.layout)
            }
            let summary = RestoreSummary(
                backup: plan.manifest.id.description,
                layout: plan.layout,
                proof: proof,
                peers: peers,
                temporaryServerID: plan.temporaryServerID,
                movedAside: journal?.movedAside,
                warnings: self.log.warnings,
                seconds: self.log.seconds
            )
            if let failure = verdict.failure { throw IncompleteRestore(failure: failure, summary: summary) }
            return summary
        }
    }
}
