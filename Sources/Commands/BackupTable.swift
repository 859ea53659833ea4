import Dorsal
import Foundation
import Progress

/// A list of backups as people read it: a table, and what they take in all.
struct BackupTable {
    let listings: [BackupListing]
    let isLong: Bool
    let showsInstance: Bool
    let paint: Paint
    var now = Date()

    var text: String {
        if self.listings.isEmpty { return "" }
        var table = TextTable(self.header, right: self.showsInstance ? [3, 4] : [2, 3])
        for listing in self.listings { table.add(self.row(listing)) }
        return (table.lines + ["", self.totals]).joined(separator: "\n")
    }

    private var header: [String] {
        (self.showsInstance ? ["INSTANCE"] : [])
            + ["ID", "FINISHED", "AGE", "SIZE", "ENGINE", "SERVER", "WHERE", "VERIFIED"]
            + (self.isLong ? ["STATE", "GTID"] : ["STATE"])
    }

    private func row(_ listing: BackupListing) -> [String] {
        let places = listing.copies.map(\.place)
        let cells = [
            listing.id, listing.finished.map(TimeText.minutes) ?? "-",
            listing.finished.map { TimeText.age($0, now: self.now) } ?? "-",
            listing.bytes.map { Sizes.text($0) } ?? "-",
            listing.engine ?? "-", listing.server ?? "-", places.isEmpty ? "-" : places.joined(separator: "+"),
            listing.verified.map { TimeText.age($0, now: self.now) } ?? "never",
        ]
        let state = [
            listing.kept ? "kept\(listing.note.map { " (\($0))" } ?? "")" : nil,
            listing.problem.map { "\(self.paint.red("DAMAGED:")) \($0)" },
        ].compactMap { $0 }.joined(separator: "; ")
        return (self.showsInstance ? [listing.instance] : []) + cells + [state]
            + (self.isLong ? [listing.gtid ?? "-"] : [])
    }

    private var totals: String {
        let sums = ["local", "s3"].compactMap { place -> String? in
            let copies = self.listings.flatMap(\.copies).filter { $0.place == place }
            if copies.isEmpty { return nil }
            return "\(copies.count) in \(place), \(Sizes.text(copies.reduce(0) { $0 + $1.bytes }))"
        }
        let damaged = self.listings.count { $0.problem != nil }
        let count = "\(self.listings.count) backup\(self.listings.count == 1 ? "" : "s")"
        let problems = damaged > 0 ? ["\(damaged) with problems"] : []
        return "\(count): \((sums + problems).joined(separator: "; "))"
    }
}
