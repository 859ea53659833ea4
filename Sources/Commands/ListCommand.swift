import ArgumentParser
import Dorsal
import Foundation
import Progress

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the instance's backups, oldest first.",
        discussion: "Example: dorsal list"
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let global = self.global
        try await Run.command(global.output) { output in
            let listings = try await Dorsal(try global.configuration()).list()
            for listing in listings { output.result(listing, text: Self.line(listing, output.paint)) }
            return listings.contains { $0.problem != nil }
        }
    }

    static func line(_ listing: BackupListing, _ paint: Paint) -> String {
        if let problem = listing.problem { return "\(listing.id)  \(paint.red("DAMAGED:")) \(problem)" }
        let size = Sizes.text(listing.bytes ?? 0)
        return "\(listing.id)  \(size)  \(listing.engine ?? "")  \(listing.server ?? "")  \(listing.gtid ?? "")"
    }
}

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything that is known of one backup.",
        discussion: "Example: dorsal show latest"
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backup's id, or latest.")
    var backup = "latest"

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let id = command.backup == "latest" ? nil : try BackupID(command.backup)
            let shown = try await Dorsal(try command.global.configuration()).show(id)
            output.result(shown.listing, text: shown.manifest)
            return shown.listing.problem != nil
        }
    }
}
