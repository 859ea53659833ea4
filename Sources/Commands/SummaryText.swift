import Dorsal
import Progress

/// A backup's end as people read it; its last line is the exact restore command.
enum BackupText {
    static func text(_ summary: BackupSummary, _ output: Output, config: String?) -> String {
        let total = summary.seconds.values.reduce(0, +)
        let objects = [summary.stream, summary.package].compactMap { $0 }
        let bytes = objects.reduce(0) { $0 + $1.bytes }
        let rate = total > 0 ? ", \(Sizes.text(Double(bytes) / total))/s" : ""
        let named = config.map { " --config \(self.shellWord($0))" } ?? ""
        var lines = [
            "backup    \(summary.id) of \(summary.instance), \(summary.engine)",
            "size      \(Sizes.text(bytes)) in \(Sizes.decimal(total)) s\(rate)",
            "time      \(StageTimes.text(summary.seconds, output.stages))",
        ]
        for object in objects {
            lines += [object.local, object.s3].compactMap { $0 }.map { "package   \($0)" }
            lines.append("sha256    \(object.sha256)")
        }
        lines += [
            "data      \(summary.gtid.data)",
            "binlogs   reach \(summary.gtid.binlog)",
            "dorsal restore \(summary.id)\(named)",
        ]
        return lines.joined(separator: "\n")
    }

    /// A path as a shell takes it for one word.
    private static func shellWord(_ path: String) -> String {
        if path.allSatisfy({ $0.isLetter || $0.isNumber || "/._-+:@%".contains($0) }) { return path }
        return "'" + path.replacing("'", with: "'\\''") + "'"
    }
}

/// A restore's end as people read it.
enum RestoreText {
    static func text(_ summary: RestoreSummary, _ output: Output, isComplete: Bool = true) -> String {
        let paint = output.paint
        var lines: [String] = []
        if let backup = summary.backup { lines.append("restored  \(backup) into \(summary.dataDir)") }
        lines.append("time      \(StageTimes.text(summary.seconds, output.stages))")
        if let aside = summary.movedAside { lines.append("moved     the earlier data directory to \(aside)") }
        for source in summary.sources {
            let state = source.reached ? "reached" : paint.yellow("NOT REACHED")
            lines.append("peer      \(source.host):\(source.port) \(state)\(source.cause.map { " (\($0))" } ?? "")")
        }
        lines += [
            "expected  \(summary.gtid.expected)",
            "executed  \(summary.gtid.executed)",
            "missing   \(summary.gtid.missing.isEmpty ? paint.green("nothing") : paint.red(summary.gtid.missing))",
        ]
        if !summary.gtid.extra.isEmpty { lines.append("extra     \(summary.gtid.extra)") }
        if let uuid = summary.serverUuid { lines.append("uuid      \(uuid)") }
        if isComplete { lines.append("ready     start the server with --defaults-file=\(summary.optionFile)") }
        return lines.joined(separator: "\n")
    }
}

/// The seconds of a run's stages in one line.
enum StageTimes {
    /// - Parameter order: the stages as they began; any other comes last.
    static func text(_ seconds: [String: Double], _ order: [String]) -> String {
        let others = seconds.keys.filter { !order.contains($0) }.sorted()
        let each = (order + others).compactMap { name in seconds[name].map { "\(name) \(Sizes.decimal($0)) s" } }
        let total = "\(Sizes.decimal(seconds.values.reduce(0, +))) s"
        return each.isEmpty ? total : "\(total): \(each.joined(separator: ", "))"
    }
}
