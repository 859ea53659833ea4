import Archive
import Blocking
import Engines
import Failures
import Foundation
import Storage

/// Reads backups back from every place where they lie, and proves every byte.
struct VerifyRun {
    let configuration: Configuration
    let options: VerifyOptions
    let log: RunLog
    /// Gets what was found, copy by copy.
    let tell: @Sendable (VerifyResult) -> Void

    private var kind: BackupPlace.Kind? { self.options.repository.map { BackupPlace.Kind($0) } }

    /// Checks all that is asked for before it tells that something is damaged.
    func run() async throws -> VerifySummary {
        try await Catalog.with(self.configuration, self.log) { catalog in
            var isEverywhere = self.kind == nil
            for place in try catalog.places(self.kind) where place.kind == .local {
                if try catalog.isMissing(place) {
                    isEverywhere = false
                    self.log.warn("there is no repository at \(place.store.name); what it holds was not verified")
                }
            }
            let survey = try await catalog.survey(self.kind)
            let seed = self.options.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
            let backups = try self.choose(survey, seed, catalog)
            var (results, failures): ([VerifyResult], [Failure]) = ([], survey.failures)
            for (_, copies) in backups {
                for copy in copies {
                    let (result, failure) = try await self.log.stage("verify", "\(copy.id) \(copy.place.kind)") {
                        try await self.verify(copy, among: copies)
                    }
                    results.append(result)
                    if let failure { failures.append(failure) }
                    self.tell(result)
                }
            }
            let isSample = if case .sample = self.options.selection { true } else { false }
            let summary = VerifySummary(catalog.instance, results, seed: isSample ? seed : nil, self.log)
            if summary.ok == 0, failures.isEmpty {
                failures = [
                    Failure(
                        .unusable,
                        "nothing was verified: the backup was removed meanwhile",
                        hint: "run dorsal list, then dorsal verify again"
                    )
                ]
            }
            if let failure = Self.verdict(summary, failures) {
                throw IncompleteVerification(failure: failure, summary: summary)
            }
            if isEverywhere, self.speaksForAll(backups, of: survey) {
                await MetricsFile.update(self.configuration, self.log) { $0.set(.verifyLastSuccess, Date()) }
            }
            return summary
        }
    }

    private typealias Backups = [(id: BackupID, copies: [StoredCopy])]

    /// Whether an alert on verifications that are overdue may rest: the newest backup was read, or a share of all.
    private func speaksForAll(_ backups: Backups, of survey: Survey) -> Bool {
        guard case .sample = self.options.selection else { return backups.last?.id == survey.backups.last?.id }
        // One that an earlier sample could not read, or found damaged, is still there.
        let chosen = Set(backups.map(\.id))
        return survey.backups.flatMap(\.copies).allSatisfy { $0.isWhole || chosen.contains($0.id) }
    }

    private func choose(_ survey: Survey, _ seed: UInt64, _ catalog: Catalog) throws -> Backups {
        switch self.options.selection {
        case .all: return survey.backups
        case .one(let id):
            let found = survey.backups.filter { $0.id == id }
            if found.isEmpty { throw survey.failures.first ?? self.missing("\(id) ", catalog) }
            return found
        case .newest:
            guard let newest = survey.backups.last else { throw survey.failures.first ?? self.missing("", catalog) }
            return [newest]
        case .sample(let percent):
            guard !survey.backups.isEmpty else { throw survey.failures.first ?? self.missing("", catalog) }
            let times = survey.backups.map { backup in
                (id: backup.id, last: backup.copies.map { $0.verified?.latest ?? .distantPast }.min())
            }
            let chosen = Sample(percent: percent, of: times, seed: seed).chosen
            self.log.note("chose \(chosen.count) of \(times.count) backups, with the seed \(seed)")
            return survey.backups.filter { chosen.contains($0.id) }
        }
    }

    private func missing(_ id: String, _ catalog: Catalog) -> Failure {
        Failure(
            .usage,
            "there is no backup \(id)of \(catalog.instance)",
            cause: "looked in \(catalog.names)",
            hint: id.isEmpty ? "run dorsal backup" : "dorsal list shows what there is"
        )
    }

    /// Reads a copy back, and remembers what was found.
    private func verify(_ copy: StoredCopy, among copies: [StoredCopy]) async throws -> (VerifyResult, Failure?) {
        do {
            try Self.compare(copies)
            try await self.prove(copy)
            await self.remember(VerifiedMark(finished: Date(), result: .ok), copy)
            return (VerifyResult(copy, .ok), nil)
        } catch let failure as Failure {
            if try await self.isRemoved(copy) {
                self.log.note("\(copy.id) was removed from \(copy.place.kind.rawValue) meanwhile")
                return (VerifyResult(copy, .removed), nil)
            }
            guard failure.class == .integrity else {
                // Else a sample would choose it again and again. What fails for now is tried again soon, and rightly.
                if failure.class != .storageTemporary { await self.remember(.attempt(after: copy.verified), copy) }
                return (VerifyResult(copy, .unreadable, failure), failure)
            }
            await self.remember(
                VerifiedMark(finished: Date(), result: .damaged, problem: failure.message),
                copy
            )
            return (VerifyResult(copy, .damaged, failure), failure)
        }
    }

    /// Two copies of one backup have one manifest; which of two is right cannot be told.
    private static func compare(_ copies: [StoredCopy]) throws {
        let manifests = copies.compactMap(\.manifest)
        guard let first = manifests.first, manifests.contains(where: { $0 != first }) else { return }
        throw Failure(
            .integrity,
            "there are two different backups \(first.id)",
            cause: "the manifests in \(copies.map(\.place.store.name).joined(separator: " and ")) differ",
            hint: "find out which one is right, and move the other away"
        )
    }

    private func prove(_ copy: StoredCopy) async throws {
        let place = copy.place
        guard let manifest = copy.manifest else {
            throw copy.problem ?? Failure(.integrity, "the manifest of \(copy.id) cannot be read")
        }
        // What an earlier verification found does not count; the package may have been put right.
        if let problem = try await place.problem(with: manifest) { throw problem }
        let package = PackageCopy(place, manifest)
        try await package.read(manifest.package, "verify", self.log) { reader in
            let proof = BinlogProof(manifest, package: package.address(of: manifest.package.name))
            try reader.verify { try proof.inspector(of: $0) }
            try proof.finish()
        }
        guard let stream = manifest.stream else { return }
        // Its structure too, and every checksum in it.
        try await package.read(stream, "verify", self.log) { reader in
            let name = package.address(of: stream.name)
            var parser = XBStreamParser(name: name, dialect: manifest.engine.kind.streamDialect) { _ in false }
            try reader.read { try parser.take($0) }
            _ = try parser.finish()
        }
    }

    private func isRemoved(_ copy: StoredCopy) async throws -> Bool {
        do {
            let key = copy.place.key(copy.id, BackupPlace.manifestName)
            return try await copy.place.store.head(key) == nil
        } catch is Failure {
            return false
        }
    }

    private func remember(_ mark: VerifiedMark, _ copy: StoredCopy) async {
        do {
            try await copy.place.put(mark, copy.id, VerifiedMark.name)
        } catch let failure as Failure where failure.class != .usage {
            self.log.warn("what was found cannot be remembered: \(failure.message)")
        } catch {}
    }

    private static func verdict(_ summary: VerifySummary, _ failures: [Failure]) -> Failure? {
        guard let first = failures.first(where: { $0.class == .integrity }) else { return failures.first }
        let count = summary.ok + summary.damaged + summary.unreadable
        return Failure(
            .integrity,
            "\(summary.damaged) of \(count) \(count == 1 ? "copy is" : "copies are") damaged: \(first.message)",
            cause: first.cause,
            hint: first.hint
        )
    }
}

extension VerifyResult {
    fileprivate init(_ copy: StoredCopy, _ result: Outcome, _ failure: Failure? = nil) {
        let manifest = copy.manifest
        self.id = copy.id.description
        self.place = copy.place.kind.rawValue
        self.package = copy.place.address(copy.id, manifest?.mainName ?? BackupPlace.manifestName)
        self.result = result
        self.problem = failure?.message
        self.cause = failure?.cause
        self.bytes = manifest?.bytes
        self.files = manifest?.fileCount
        self.binlogs = manifest?.binlogs.count
    }
}
