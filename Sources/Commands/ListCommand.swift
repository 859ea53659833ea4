import ArgumentParser
import Dorsal
import Failures
import Foundation
import Progress

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the instance's backups, oldest first.",
        discussion: """
            Times are UTC. VERIFIED tells when all copies had been read back; STATE what is to be known.
            Example: dorsal list --since 7d
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: RepositoryOption

    @Option(help: "Only backups not older than this, such as 12h or 7d.")
    var since: String?

    @Flag(help: "Only backups that something is wrong with.")
    var problems = false

    @Flag(name: [.long, .customLong("gtid")], help: "How far each reaches, as GTIDs, too.")
    var long = false

    @Flag(help: "The backups of all instances in the repositories.")
    var allInstances = false

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let oldest = try command.oldest()
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let options = ListOptions(repository: command.place.place, isOfAllInstances: command.allInstances)
            do {
                return command.print(try await dorsal.list(options), since: oldest, output)
            } catch let incomplete as IncompleteListing {
                _ = command.print(incomplete.listings, since: oldest, output)
                throw incomplete.failure
            }
        }
    }

    /// When the oldest backup that is wanted was finished.
    private func oldest() throws -> Date? {
        guard let since else { return nil }
        guard let duration = Quantity.duration(since) else {
            throw Failure(.usage, "'\(since)' is not a time", hint: "write 12h, 7d or 2w")
        }
        return Date(timeIntervalSinceNow: -Double(duration.components.seconds))
    }

    /// - Returns: whether anything is wrong with what was printed.
    private func print(_ all: [BackupListing], since oldest: Date?, _ output: Output) -> Bool {
        let listings = all.filter { listing in
            // When one was finished that cannot be read is not known: it is shown.
            let isYoung = oldest.map { oldest in listing.finished.map { $0 >= oldest } ?? true } ?? true
            return isYoung && (!self.problems || listing.problem != nil)
        }
        if self.global.output.json {
            for listing in listings { output.result(listing, text: "") }
        } else if !listings.isEmpty {
            let table = BackupTable(
                listings: listings,
                isLong: self.long,
                showsInstance: self.allInstances,
                paint: output.paint
            )
            output.result("", text: table.text)
        }
        return listings.contains { $0.problem != nil }
    }
}
