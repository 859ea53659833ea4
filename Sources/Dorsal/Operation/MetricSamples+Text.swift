/// Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
extension MetricSamples {
    /// Reads what there is to read; a line that is damaged, or of a metric that is not ours, is left out.
    init(parsing text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let (key, value) = Self.sample(line) else { continue }
            self.values[key] = value
        }
    }

    /// The text, metrics in their order, each with its help and type.
    var text: String {
        var lines: [String] = []
        for metric in Metric.allCases {
            let samples = self.values.filter { $0.key.metric == metric }
            guard !samples.isEmpty else { continue }
            lines.append("# HELP \(metric.rawValue) \(metric.help)")
            lines.append("# TYPE \(metric.rawValue) gauge")
            lines += samples.map { "\(metric.rawValue)\(Self.text($0.key.labels)) \(Self.text($0.value))" }.sorted()
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private static func text(_ labels: [String: String]) -> String {
        let pairs = labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    /// Whole numbers without a fraction, as people read them.
    private static func text(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? String(value) }

    private static func sample(_ line: Substring) -> (Key, Double)? {
        let name = line.prefix { $0 != "{" && $0 != " " }
        guard let metric = Metric(rawValue: String(name)) else { return nil }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            guard let found = Self.labels(&rest) else { return nil }
            labels = found
        }
        // A time may follow.
        guard let word = rest.split(separator: " ").first, let value = Double(word), value.isFinite else { return nil }
        return (Key(metric: metric, labels: labels), value)
    }

    /// Takes `{name="value",…}` off the front.
    private static func labels(_ rest: inout Substring) -> [String: String]? {
        var labels: [String: String] = [:]
        rest.removeFirst()
        while rest.first != "}" {
            let name = rest.prefix { $0 != "=" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.hasPrefix("=\"") else { return nil }
            rest = rest.dropFirst(2)
            guard let value = Self.quoted(&rest) else { return nil }
            labels[String(name)] = value
            if rest.first == "," { rest.removeFirst() }
        }
        rest.removeFirst()
        return labels
    }

    /// Takes a label's value off the front, up to its closing quotation mark.
    private static func quoted(_ rest: inout Substring) -> String? {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}
