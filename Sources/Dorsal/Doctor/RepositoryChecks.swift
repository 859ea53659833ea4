import Failures
import Progress

/// Judges the folders of this machine that backups go to.
enum RepositoryChecks {
    static func judge(_ answer: Result<RepositoryReport, Failure>?, _ configuration: Configuration) -> [Check] {
        switch answer {
        case nil: []
        case .failure(let failure): [.failed(.repository, "repository", failure)]
        case .success(let report): self.judge(report)
        }
    }

    static func judge(_ report: RepositoryReport) -> [Check] {
        report.folders.flatMap(self.judge) + [self.space(report), self.lock(report)].compactMap { $0 }
    }

    private static func judge(_ folder: FolderReport) -> [Check] {
        if let problem = folder.problem { return [.failed(.repository, folder.key, problem)] }
        guard let status = folder.status else {
            return [.ok(.repository, folder.key, "\(folder.path) is not there yet; the first backup makes it")]
        }
        let mode = "0" + String(status.mode, radix: 8)
        guard status.mode & 0o022 == 0 else {
            let detail = "others can write to \(folder.path), which belongs to \(status.owner) (mode \(mode))"
            return [.warning(.repository, folder.key, detail, hint: "chmod go-w \(folder.path)")]
        }
        return [
            .ok(.repository, folder.key, "\(folder.path) can be written to; it is \(status.owner)'s, mode \(mode)")
        ]
    }

    /// The copy of the data and its package, which both lie there for a while.
    private static func space(_ report: RepositoryReport) -> Check? {
        guard let available = report.folders.first?.available else { return nil }
        let free = "\(Sizes.text(available)) free at \(report.staging)"
        guard let data = report.data, data > 0 else {
            return .ok(.repository, "space", "\(free); how much the data takes is not known here")
        }
        if let failure = Requirement.room(forData: data, available: available, at: report.staging) {
            return .failed(.repository, "space", failure)
        }
        // In a folder of its own the copy is alone.
        guard report.folders.count == 1, available < 2 * data else {
            return .ok(.repository, "space", "\(free), the data has \(Sizes.text(data))")
        }
        return .warning(
            .repository,
            "space",
            "\(free), the data has \(Sizes.text(data)): with data that does not compress, copy and package do not fit",
            hint: "free some space, or set repository.local (or backup.staging) to a larger disk"
        )
    }

    private static func lock(_ report: RepositoryReport) -> Check? {
        if report.folders.contains(where: { $0.problem != nil }) { return nil }
        let holder = report.holder.map { "\($0.message): \($0.cause ?? "another program")" }
        return .ok(.repository, "lock", holder ?? "free")
    }
}
