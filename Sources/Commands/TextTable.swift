import Foundation

/// Rows of texts in aligned columns.
struct TextTable {
    private var rows: [[String]] = []
    /// The columns whose texts stand at the right, as numbers do.
    private let right: Set<Int>

    init(_ header: [String], right: Set<Int> = []) {
        self.rows = [header]
        self.right = right
    }

    mutating func add(_ row: [String]) { self.rows.append(row) }

    /// The lines; the last column is not filled up, and may be as long as it likes.
    var lines: [String] {
        let count = self.rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            self.rows.compactMap { $0.count > column + 1 ? $0[column].count : nil }.max() ?? 0
        }
        return self.rows.map { row in
            let cells = row.enumerated().map { column, text in
                guard column + 1 < row.count else { return text }
                let space = String(repeating: " ", count: max(0, widths[column] - text.count))
                return self.right.contains(column) ? space + text : text + space
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Times for people: UTC, with how long ago they are.
enum TimeText {
    /// A time to the minute, such as `2026-11-22 09:40Z`.
    static func minutes(_ date: Date) -> String {
        let text = date.ISO8601Format()
        return text.prefix(16).replacing("T", with: " ") + "Z"
    }

    /// How long ago a time was, in its largest unit: `3h`, `12d`.
    static func age(_ date: Date, now: Date = Date()) -> String {
        let seconds = Int(now.timeIntervalSince(date))
        // A clock may have been wrong.
        if seconds < 0 { return "future" }
        for (size, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] where seconds >= size {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}
