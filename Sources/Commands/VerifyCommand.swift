import ArgumentParser
import Dorsal
import Failures
import Progress

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read backups back and prove every byte: checksums, files, binary logs and their GTIDs.",
        discussion: """
            Nothing is unpacked to disk. What was found is remembered, and shown by list. Damage ends it with 7, once all is checked.
            Example: dorsal verify --sample 5%
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backup's id, or latest, which is the default.")
    var backup: String?

    @Flag(help: "All backups.")
    var all = false

    @Option(help: "A share of all backups, such as 5%, at least one; those not verified for longest come first.")
    var sample: String?

    @Option(help: "The number that the random choice of a sample begins with, as an earlier run told it.")
    var seed: UInt64?

    @OptionGroup var place: RepositoryOption

    func validate() throws {
        guard [self.backup != nil, self.all, self.sample != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give a backup's id, or --all, or --sample.")
        }
        if let sample, VerifyOptions.percent(sample) == nil {
            throw ValidationError("'\(sample)' is not a share: write --sample 5%")
        }
    }

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let options = try command.options()
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let summary = try await dorsal.verify(options) { result in
                output.line(result, text: VerifyText.text(result, output.paint))
            }
            output.result(summary, text: VerifyText.text(summary))
            return !summary.warnings.isEmpty
        }
    }

    private func options() throws -> VerifyOptions {
        var options = VerifyOptions(repository: self.place.place, seed: self.seed)
        if self.all { options.selection = .all }
        if let percent = self.sample.flatMap(VerifyOptions.percent) { options.selection = .sample(percent: percent) }
        if let id = try self.backup.flatMap(BackupID.named) { options.selection = .one(id) }
        return options
    }
}

/// A verification as people read it.
enum VerifyText {
    static func text(_ result: VerifyResult, _ paint: Paint) -> String {
        let state =
            switch result.result {
            case .ok: paint.green("ok")
            case .damaged: paint.red("DAMAGED")
            case .unreadable: paint.yellow("UNREADABLE")
            case .removed: "removed meanwhile"
            }
        let counts = [result.files.map { "\($0) files" }, result.binlogs.map { "\($0) binary logs" }]
        let parts = [result.bytes.map { Sizes.text($0) }].compactMap { $0 } + counts.compactMap { $0 }
        let line = "\(result.id)  \(result.place)  \(state)  \(parts.joined(separator: ", "))"
        guard let problem = result.problem else { return line }
        return "\(line)\n  \(problem)\(result.cause.map { ": \($0)" } ?? "")"
    }

    static func text(_ summary: VerifySummary) -> String {
        var parts = ["\(summary.ok) whole"]
        if summary.damaged > 0 { parts.append("\(summary.damaged) damaged") }
        if summary.unreadable > 0 { parts.append("\(summary.unreadable) could not be read") }
        let seconds = summary.seconds.values.reduce(0, +)
        return "\(summary.backups) backup\(summary.backups == 1 ? "" : "s"), copies: \(parts.joined(separator: ", ")); "
            + "\(Sizes.text(summary.bytes)) in \(Sizes.decimal(seconds)) s"
    }
}
