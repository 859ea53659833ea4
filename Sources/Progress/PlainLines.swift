/// Renders progress as plain lines for people and log files; pure.
package struct PlainLines: Sendable {
    package init() {}

    /// The line for an event, or nil where nothing is to be said.
    package func line(for event: ProgressEvent) -> String? {
        switch event {
        case .stage(let name, let detail): detail.isEmpty ? "==> \(name)" : "==> \(name): \(detail)"
        case .amount(_, let done, let total, let unit): "    \(Self.amount(done, total, unit))"
        case .note(let text): "    \(text)"
        case .warning(let text): "warning: \(text)"
        }
    }

    private static func amount(_ done: Int64, _ total: Int64, _ unit: String) -> String {
        let written = unit == "bytes" ? Sizes.text(done) : "\(done) \(unit)"
        guard total > 0 else { return written }
        let percent = done > Int64.max / 100 ? done / max(1, total / 100) : done * 100 / total
        return "\(written) of \(unit == "bytes" ? Sizes.text(total) : "\(total)") (\(percent)%)"
    }
}

/// Sizes for people, in IEC units.
package enum Sizes {
    /// A number of bytes with one decimal, such as `1.5 GiB`.
    package static func text(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if value < 1024 || unit == "TiB" {
                return unit == "B" ? "\(bytes) B" : "\(Double(Int(value * 10)) / 10) \(unit)"
            }
            value /= 1024
        }
        return "\(bytes) B"
    }
}
