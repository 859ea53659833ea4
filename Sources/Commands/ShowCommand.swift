import ArgumentParser
import Dorsal
import Foundation
import Progress

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything that is known of one backup.",
        discussion: "Example: dorsal show latest"
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The backup's id, or latest.")
    var backup = "latest"

    @Flag(help: "Print the manifest, which is JSON.")
    var manifest = false

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            let id = try BackupID.named(command.backup)
            let dorsal = Dorsal(try command.global.configuration(), progress: { output.tell($0) })
            let details = try await dorsal.show(id)
            output.result(details, text: command.manifest ? details.manifest : DetailsText.text(details, output.paint))
            return details.listing.problem != nil
        }
    }
}

/// A backup as people read it.
enum DetailsText {
    static func text(_ details: BackupDetails, _ paint: Paint, now: Date = Date()) -> String {
        let listing = details.listing
        let seconds = (listing.finished ?? details.started).timeIntervalSince(details.started)
        let origin = details.origin
        var lines = [
            "backup     \(listing.id) of \(listing.instance)",
            "started    \(TimeText.minutes(details.started)), took \(Sizes.decimal(seconds)) s",
            "finished   \(listing.finished.map { "\(TimeText.minutes($0)), \(TimeText.age($0, now: now)) ago" } ?? "-")",
            "server     \(origin.flavor) \(listing.server ?? ""), server-id \(origin.serverId), port \(origin.port), "
                + origin.dataDirectory,
        ]
        if let uuid = origin.uuid { lines.append("uuid       \(uuid)") }
        lines += ["engine     \(listing.engine ?? "-") (\(details.tool))", "data       \(details.data.lower)"]
        if details.data.upper != details.data.lower { lines.append("at most    \(details.data.upper)") }
        lines += [
            "reaches    \(listing.gtid ?? "-")",
            "package    \(details.package.name), \(Sizes.text(details.package.bytes)), \(details.package.files) files "
                + "of \(Sizes.text(details.package.unpackedBytes))",
            "sha256     \(details.package.sha256)", "sha1       \(details.package.sha1)",
        ]
        lines += listing.copies.flatMap { self.lines($0, paint, now) }
        if listing.kept { lines.append("kept       \(self.kept(listing))") }
        return (lines + self.binlogs(details)).joined(separator: "\n")
    }

    private static func lines(_ copy: BackupListing.Copy, _ paint: Paint, _ now: Date) -> [String] {
        let name = copy.place + String(repeating: " ", count: max(0, 11 - copy.place.count))
        let verified = copy.verified.map { verified in
            "verified \(TimeText.age(verified, now: now)) ago: \(copy.result ?? "-")"
        }
        let attempted = copy.attempted.map { ", could not be read \(TimeText.age($0, now: now)) ago" }
        let first = "\(name)\(copy.package ?? "-"), \(verified ?? "never verified")\(attempted ?? "")"
        guard let problem = copy.problem else { return [first] }
        return [first, "           \(paint.red("DAMAGED:")) \(problem)\(copy.cause.map { ": \($0)" } ?? "")"]
    }

    private static func kept(_ listing: BackupListing) -> String {
        let mark = listing.copies.first { $0.keptBy != nil }
        let since = mark?.keptSince.map { "since \(TimeText.minutes($0))" }
        let words = [since, mark?.keptBy.map { "by \($0)" }, listing.note].compactMap { $0 }
        return words.isEmpty ? "yes" : words.joined(separator: ", ")
    }

    private static func binlogs(_ details: BackupDetails) -> [String] {
        var table = TextTable(["BINARY LOG", "SIZE", "GTID"], right: [1])
        for binlog in details.binlogs {
            table.add([binlog.name, Sizes.text(binlog.bytes), binlog.gtids.isEmpty ? "-" : binlog.gtids])
        }
        return [""] + table.lines
    }
}
