import Blocking
import Failures
import Foundation
import S3
import Storage

/// The backups that there are.
struct BackupsReport: Sendable {
    let instance: String
    let count: Int
    /// The newest one's manifest; nil when there is none that can be read.
    let newest: Manifest?
    /// What is wrong with the newest; nil when nothing is known to be.
    let problem: String?
    /// Where the newest lies.
    let addresses: [String]
    /// Places that could not be read.
    let failures: [Failure]
    /// The newest one's age, in seconds.
    let age: Double?
}

extension Doctor {
    func findBackups(_ limit: TimeLimit, isWanted: Bool) async throws -> BackupsReport? {
        guard isWanted else { return nil }
        let instance = self.configuration.instance.name
        async let local = self.askLocal(limit, instance)
        async let remote = self.askRemote(limit, instance)
        let answers = try await [local, remote].compactMap { $0 }
        return BackupsReport(instance, answers)
    }

    private func askLocal(_ limit: TimeLimit, _ instance: String) async throws -> Result<BackupsReport.Place, Failure>?
    {
        guard let root = self.configuration.repository.local else { return nil }
        return try await limit.ask(root, .storage) {
            let isThere = try await untilCancelled { FileManager.default.fileExists(atPath: root) }
            guard isThere else { return BackupsReport.Place() }
            let store = LocalObjectStore(LocalFolder(root: root))
            return try await .init(BackupPlace(kind: .local, store: store, instance: instance))
        }
    }

    private func askRemote(_ limit: TimeLimit, _ instance: String) async throws -> Result<BackupsReport.Place, Failure>?
    {
        guard let s3 = self.configuration.repository.s3 else { return nil }
        return try await limit.ask("s3://\(s3.bucket)", .storageTemporary) {
            try await S3ObjectStore.with(try await Self.impatient(s3)) { store in
                try await .init(BackupPlace(kind: .s3, store: store, instance: instance))
            }
        }
    }
}

extension BackupsReport {
    /// What one place holds.
    struct Place: Sendable {
        var ids: [BackupID] = []
        /// The newest one there.
        var newest: Manifest?
        var address: String?
        var problem: String?

        init() {}

        init(_ place: BackupPlace) async throws {
            self.ids = try await place.ids()
            guard let id = self.ids.last else { return }
            self.address = place.address(id, BackupPlace.manifestName)
            do {
                self.newest = try await place.manifest(id)
                if let newest { self.problem = try await place.problem(with: newest)?.line }
            } catch let failure as Failure {
                self.problem = failure.line
            }
        }
    }

    init(_ instance: String, _ answers: [Result<Place, Failure>], now: Date = Date()) {
        let places = answers.compactMap(\.success)
        let last = places.compactMap(\.ids.last).max()
        let holders = places.filter { $0.ids.last == last && last != nil }
        let problems = holders.compactMap(\.problem)
        self.instance = instance
        self.count = Set(places.flatMap(\.ids)).count
        self.newest = holders.lazy.compactMap(\.newest).first
        self.problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
        self.addresses = holders.compactMap(\.address)
        self.failures = answers.compactMap { answer in
            if case .failure(let failure) = answer { failure } else { nil }
        }
        self.age = self.newest.map { now.timeIntervalSince($0.finished) }
    }
}

/// Judges the backups.
enum BackupsChecks {
    static func judge(_ report: BackupsReport?) -> [Check] {
        guard let report else { return [] }
        return report.failures.map { .failed(.backups, "backups", $0) } + [self.newest(report)].compactMap { $0 }
    }

    private static func newest(_ report: BackupsReport) -> Check? {
        guard report.count > 0 else {
            if !report.failures.isEmpty { return nil }
            return .warning(
                .backups,
                "newest backup",
                "there is no backup of \(report.instance)",
                hint: "run dorsal backup; Packaging has timers for it"
            )
        }
        if let problem = report.problem {
            return .warning(
                .backups,
                "newest backup",
                "it is damaged: \(problem)",
                hint: "run dorsal backup soon; dorsal list shows which others there are"
            )
        }
        let age = report.age.map { ", \(Age.text($0)) old" } ?? ""
        return .ok(
            .backups,
            "newest backup",
            "\(report.newest?.id.description ?? "")\(age), of \(report.count), in \(report.addresses.joined(separator: " and "))"
        )
    }
}
