import Foundation

/// Renders progress as JSON Lines; fields are only ever added.
package struct JSONLines: Sendable {
    /// How much an event matters, or what kind it is.
    package enum Level: String, Sendable {
        case note, warning, retry, interrupted
    }

    package init() {}

    /// The object of a status, in one line.
    ///
    /// Sizes are in bytes, `percent_done` is from 0 to 100.
    package func status(_ status: ProgressStatus) -> String { Self.encode(Status(status)) }

    /// The object of an event, in one line.
    ///
    /// - Parameter retries: how many requests were tried again in all; of a retry only.
    package func event(_ level: Level, _ message: String, retries: Int? = nil) -> String {
        Self.encode(Event(level: level.rawValue, message: message, retries: retries))
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
        let type = "status"
        let stage: String
        let detail: String?
        let done: Int64?
        let total: Int64?
        let unit: String?
        let secondsElapsed: Double
        let percentDone: Double?
        let bytesDone: Int64?
        let totalBytes: Int64?
        let bytesPerSecond: Int64?
        let secondsRemaining: Int64?
        let retries: Int

        init(_ status: ProgressStatus) {
            let amount = status.amount
            let total = amount.flatMap { $0.total > 0 ? $0.total : nil }
            let isBytes = amount?.isBytes ?? false
            self.stage = status.stage
            self.detail = status.detail.isEmpty || amount != nil ? nil : status.detail
            self.done = amount?.done
            self.total = total
            self.unit = amount?.unit
            self.secondsElapsed = Self.tenths(status.secondsElapsed)
            self.percentDone = amount?.percent.map(Self.tenths)
            self.bytesDone = isBytes ? amount?.done : nil
            self.totalBytes = isBytes ? total : nil
            self.bytesPerSecond = isBytes ? amount?.rate.map { Int64(min($0, 1e18)) } : nil
            self.secondsRemaining = amount?.secondsRemaining.map { Int64($0.rounded(.up)) }
            self.retries = status.retries
        }

        private static func tenths(_ value: Double) -> Double { (value * 10).rounded(.down) / 10 }
    }

    private struct Event: Encodable {
        let type = "event"
        let level: String
        let message: String
        let retries: Int?
    }
}
