import Foundation

/// Renders progress as JSON Lines; fields are only ever added.
package struct JSONLines: Sendable {
    package init() {}

    /// The object for an event, in one line.
    package func line(for event: ProgressEvent) -> String {
        switch event {
        case .stage(let name, let detail):
            Self.encode(Status(stage: name, detail: detail.isEmpty ? nil : detail))
        case .amount(let stage, let done, let total, let unit):
            Self.encode(Status(stage: stage, done: done, total: total > 0 ? total : nil, unit: unit))
        case .note(let text): Self.encode(Event(level: "note", message: text))
        case .warning(let text): Self.encode(Event(level: "warning", message: text))
        }
    }

    /// Any value in one line, its keys sorted so that output can be compared.
    package static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Status: Encodable {
        var type = "status"
        var stage: String
        var detail: String?
        var done: Int64?
        var total: Int64?
        var unit: String?
    }

    private struct Event: Encodable {
        var type = "event"
        var level: String
        var message: String
    }
}
