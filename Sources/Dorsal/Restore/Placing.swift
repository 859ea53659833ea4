import Blocking
import Database
import Failures
import Foundation
import GTID
import Glibc

extension TargetLayout {
    /// The option file of the server that replays: without replication filters, which would swallow events.
    var replayOptionFile: String { "\(self.serverFolder)/replay.cnf" }
    /// The option file of the server that rejoins.
    var rejoinOptionFile: String { "\(self.serverFolder)/rejoin.cnf" }
}

extension RestoreRun {
    /// Puts data and option files where they belong; an earlier data directory is moved aside, whole.
    func place(
        _ plan: RestorePlan,
        _ unpacked: Unpacked,
        _ placement: Placement,
        _ journal: inout Journal
    ) async throws {
        let layout = plan.layout
        let owner = try Ownership.find(layout.osUser)
        try ServerOptions(layout).write(
            from: try OptionFile(path: unpacked.effectiveOptions),
            groups: ["mysqld"],
            owner
        )
        try UnfinishedMarker.write(journal.token, unpacked.data)
        try await offPool { flag in try FileTree(owner: owner).take(unpacked.data, flag) }
        // Unpacking may have taken hours: something may have started the server meanwhile.
        try TargetCheck(layout: layout).refuseRunningServer()
        // Before anything is moved it is written down where to.
        let aside = try placement.asideIfNeeded()
        journal.stage = .place
        if !placement.isUnfinished, aside != nil { journal.movedAside = aside }
        try journal.write(layout.workFolder)
        if let aside {
            try placement.moveAside(to: aside)
            self.log.note(
                placement.isUnfinished
                    ? "moved what an interrupted restore had left to \(aside); it can be removed"
                    : "moved the earlier data directory to \(aside)"
            )
        }
        try placement.place(unpacked.data, owner)
        try self.placeConfigFiles(plan, unpacked, owner)
    }

    /// Puts back the option files that are not there; one that is there and differs is left alone.
    private func placeConfigFiles(_ plan: RestorePlan, _ unpacked: Unpacked, _ owner: Ownership?) throws {
        if plan.layout.isElsewhere {
            let text = try OptionFile(path: unpacked.effectiveOptions)
                .flattened(groups: ["mysqld"], overrides: plan.layout.relocation())
            return try self.placeConfigFile(Data(text.utf8), at: plan.layout.myCnf)
        }
        for record in plan.manifest.configFiles {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(unpacked.folder)/\(record.packagePath)"))
            let isMain = record.packagePath == ConfigFiles.Name.main
            try self.placeConfigFile(data, at: isMain ? plan.layout.myCnf : record.path)
        }
    }

    private func placeConfigFile(_ data: Data, at path: String) throws {
        let files = FileManager.default
        if (try? files.attributesOfItem(atPath: path)) != nil {
            // Also one that cannot be read is the user's.
            if files.contents(atPath: path) != data {
                self.log.note("kept \(path), which differs from the one in the backup")
            }
            return
        }
        do {
            try files.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure(.unusable, "\(path) cannot be put back", cause: error.localizedDescription)
        }
        try PrivateFile.create(data, at: path, mode: 0o644)
    }

    /// Puts the binary logs back beside the data, so that both tell the same history; earlier ones are moved aside.
    func placeBinlogs(_ plan: RestorePlan) async throws {
        guard let folder = plan.layout.binlogDirectory, let index = plan.layout.binlogIndex else { return }
        let owner = try Ownership.find(plan.layout.osUser)
        let unpacked = Unpacked(folder: plan.layout.unpacked)
        if !FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try owner?.give(folder)
        }
        try self.moveBinlogsAside(plan, folder)
        let lines = try await offPool { flag in
            try plan.manifest.binlogs.map { binlog in
                try flag.check()
                let path = "\(folder)/\(binlog.name)"
                try FileTree(owner: owner).move("\(unpacked.binlog)/\(binlog.name)", to: path)
                return folder == plan.layout.dataDirectory ? "./\(binlog.name)" : path
            }
        }
        let text = lines.joined(separator: "\n") + "\n"
        try PrivateFile.create(text.utf8, at: index, mode: 0o640)
        try owner?.give(index)
    }

    /// Binary logs that survived outside the data directory may hold events that are nowhere else: they are kept.
    private func moveBinlogsAside(_ plan: RestorePlan, _ folder: String) throws {
        let base = ((plan.layout.binlogBase ?? "") as NSString).lastPathComponent
        let index = ((plan.layout.binlogIndex ?? "") as NSString).lastPathComponent
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
            if name == index { return true }
            guard name.hasPrefix("\(base).") else { return false }
            let number = name.dropFirst(base.count + 1)
            return !number.isEmpty && number.allSatisfy(\.isNumber)
        }
        guard !names.isEmpty else { return }
        let aside = "\(folder)/before-\(BackupID.stamp(Date()))"
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
        for name in names { try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: "\(aside)/\(name)") }
        self.log.note("moved \(names.count) earlier binary log files to \(aside)")
    }
}
