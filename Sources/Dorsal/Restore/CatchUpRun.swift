import Database
import Failures
import Foundation
import GTID
import Storage

/// The rejoin and the proof alone, for an instance that is stopped.
struct CatchUpRun {
    let configuration: Configuration
    let log: RunLog

    func run() async throws -> RestoreSummary {
        let layout = TargetLayout(self.configuration)
        let (settings, id) = try await self.log.stage("plan") { try await self.plan(layout) }
        let lock = try WorkFolder.open(layout)
        defer { lock.release() }
        try await TemporaryServers.endLeftovers(layout)
        try self.writeOptions(layout, settings.installation.version)
        // What a restore that did not end well knew of this data directory still counts.
        let journal = try Journal.read(layout.workFolder).flatMap {
            UnfinishedMarker.isSet($0, layout.dataDirectory) ? $0 : nil
        }
        let rejoin = Rejoin(layout: layout, configuration: self.configuration, log: self.log)
        let rejoined = try await self.log.stage("rejoin") {
            try await rejoin.run(
                settings,
                base: try journal?.baseSet(settings.installation.version.flavor),
                recorded: [],
                knownBinlogs: journal?.binlogs,
                temporaryServerID: id
            )
        }
        let proof = try await self.log.stage("prove") { try await rejoin.prove(rejoined) }
        return try await self.log.stage("ready") { try await self.ready(layout, rejoined, proof) }
    }

    private func plan(_ layout: TargetLayout) async throws -> (TemporaryServer.Settings, UInt32) {
        guard FileManager.default.fileExists(atPath: "\(layout.dataDirectory)/ibdata1") else {
            throw Failure(
                .unusable,
                "\(layout.dataDirectory) is not a data directory",
                hint: "run dorsal restore to make one"
            )
        }
        try TargetCheck(layout: layout).refuseRunningServer()
        try self.refuseUnfinished(layout)
        let installation = try await Installation.find(base: self.configuration.instance.base)
        let dialect = installation.version.dialect
        let temporary = TemporaryServerID(configuration: self.configuration)
        let peers = try Peers.configured(self.configuration.replication)
        let probes = await Peers.probe(peers, dialect, readerID: temporary.reader)
        let taken = probes.compactMap(\.sample).reduce(into: Set([self.configuration.instance.id])) {
            $0.formUnion($1.serverIDs)
        }
        let id = try temporary.choose(taken)
        let settings = TemporaryServer.Settings(
            installation: installation,
            optionFile: layout.rejoinOptionFile,
            dataDirectory: layout.dataDirectory,
            folder: layout.serverFolder,
            osUser: layout.osUser,
            options: dialect.rejoinOptions(temporaryServerID: id, hasSeveralPeers: peers.count != 1),
            user: self.configuration.instance.user,
            password: try self.configuration.instance.password?.resolve(),
            pidFileName: try ServerOptions.pidFileName(layout)
        )
        return (settings, id)
    }

    /// A data directory in the middle of a restore lacks what its binary logs held.
    private func refuseUnfinished(_ layout: TargetLayout) throws {
        guard let journal = try Journal.read(layout.workFolder), journal.stage != .rejoin,
            UnfinishedMarker.isSet(journal, layout.dataDirectory)
        else { return }
        throw Failure(
            .unusable,
            "the restore of \(journal.backup) into \(layout.dataDirectory) was interrupted",
            cause: "it stopped at \(journal.stage.rawValue)",
            hint: "run dorsal restore again first"
        )
    }

    private func writeOptions(_ layout: TargetLayout, _ version: ServerVersion) throws {
        let groups = OptionFile.serverGroups(
            mariadb: version.flavor == .mariadb,
            version: (version.major, version.minor)
        )
        let owner = try Ownership.find(layout.osUser)
        try ServerOptions(layout).write(from: try OptionFile(path: layout.myCnf), groups: groups, owner)
    }

    private func ready(_ layout: TargetLayout, _ rejoined: Rejoined, _ proof: Proof) async throws -> RestoreSummary {
        let verdict = Verdict(proof: proof, peers: rejoined.peers, catchesUp: true)
        for warning in verdict.warnings { self.log.warn(warning) }
        if verdict.isComplete {
            try UnfinishedMarker.remove(layout.dataDirectory)
            try await WorkFolder.remove(layout)
        }
        let summary = RestoreSummary(
            backup: nil,
            layout: layout,
            proof: proof,
            peers: rejoined.peers,
            temporaryServerID: rejoined.temporaryServerID,
            movedAside: nil,
            warnings: self.log.warnings,
            seconds: self.log.seconds
        )
        if let failure = verdict.failure { throw IncompleteRestore(failure: failure, summary: summary) }
        return summary
    }
}
