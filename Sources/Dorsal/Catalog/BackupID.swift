import Failures
import Foundation

/// A backup's name: UTC time, then a random suffix; sorted as text it is sorted by time.
public struct BackupID: Sendable, Hashable, Comparable, CustomStringConvertible, Codable {
    /// The id as text, such as `20261122T094058Z-1f3a9c`.
    public let description: String

    private static var pattern: Regex<(Substring, Substring)> { #/(\d{8}T\d{6})Z-[0-9a-f]{6}/# }

    /// Reads an id.
    ///
    /// - Throws: ``Failure`` of class `usage` when the text is not one.
    public init(_ text: String) throws {
        guard text.wholeMatch(of: Self.pattern) != nil else {
            throw Failure(
                .usage,
                "'\(text)' is not a backup's id",
                hint: "dorsal list shows the ids; 'latest' means the newest"
            )
        }
        self.description = text
    }

    /// A new id, later than another even when the clock has gone back.
    static func make(after previous: BackupID?, now: Date = Date()) throws -> BackupID {
        let suffix = String(UInt32.random(in: 0..<(1 << 24)) | 1 << 24, radix: 16).dropFirst()
        let id = try BackupID("\(Self.stamp(now))-\(suffix)")
        if let previous, previous.description.prefix(16) > id.description.prefix(16) {
            let remedy =
                previous.isAhead(of: now)
                ? "; if it is right now, and was wrong then: dorsal delete \(previous)"
                : ", or wait until that time has passed"
            throw Failure(
                .unusable,
                "a backup made now would be named \(id), older than the newest one, \(previous)",
                hint: "has the clock gone back? set it right (timedatectl), then run dorsal backup again\(remedy)"
            )
        }
        return id
    }

    /// Whether the backup was named by a clock that was wrong: its time is still to come, by more than an hour.
    ///
    /// Clocks of machines that share a repository differ by less.
    func isAhead(of now: Date) -> Bool { self.time.map { $0 > now.addingTimeInterval(3600) } ?? false }

    /// A time as ids and moved-aside folders write it: UTC, to the second.
    static func stamp(_ date: Date) -> String {
        var utc = Calendar(identifier: .iso8601)
        utc.timeZone = .gmt
        let parts = utc.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return
            "\(parts.year ?? 0)\(two(parts.month))\(two(parts.day))T\(two(parts.hour))\(two(parts.minute))\(two(parts.second))Z"
    }

    /// When the backup was begun, to the second; nil for a time that no calendar has, such as a 31st of February.
    var time: Date? {
        let text = self.description
        let parts = Self.fields.map { Int(text.dropFirst($0.lowerBound).prefix($0.count)) ?? 0 }
        var utc = Calendar(identifier: .iso8601)
        utc.timeZone = .gmt
        let components = DateComponents(
            year: parts[0],
            month: parts[1],
            day: parts[2],
            hour: parts[3],
            minute: parts[4],
            second: parts[5]
        )
        guard components.isValidDate(in: utc) else { return nil }
        return utc.date(from: components)
    }

    /// Where year, month, day, hour, minute and second stand in the text.
    private static let fields = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15]

    /// Orders ids by their text, which is by time.
    public static func < (lhs: BackupID, rhs: BackupID) -> Bool { lhs.description < rhs.description }

    /// Decodes an id from its text.
    public init(from decoder: any Decoder) throws {
        self = try BackupID(try decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes an id as its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
