import Foundation

/// How long the parts of an upload are, so that an object of any size fits into the parts there may be.
///
/// The first quarter of the parts has the first size; from there on the size grows by steps, up to 4095 MiB. With 8 MiB
/// and 10,000 parts, 20 GiB are reached with the first size, and more than 5 TiB in all.
package struct PartSizes: Sendable, Equatable {
    private static let mebibyte = 1 << 20
    /// The least and the most that S3 takes for a part, but for the last.
    private static let allowed = 5 << 20...5 << 30
    /// The most that a buffer holds.
    private static let most = 4095 << 20

    /// The size of the first parts, in bytes.
    package let first: Int
    /// The most parts there may be.
    package let limit: Int

    /// Plans the parts of an object.
    ///
    /// - Parameters:
    ///   - first: The size to begin with.
    ///   - limit: The most parts that the service takes.
    ///   - expected: About how long the object will be, or 0; the parts are larger from the start where it says so.
    package init(first: Int = 8 << 20, limit: Int = 10_000, expecting expected: Int64 = 0) {
        self.limit = max(limit, 8)
        // With parts in reserve for an estimate that was too low.
        let enough = Int(clamping: expected / Int64(self.limit * 3 / 4)) + 1
        let rounded = (enough + Self.mebibyte - 1) / Self.mebibyte * Self.mebibyte
        let wanted = expected > 0 ? max(first, rounded) : first
        self.first = min(max(wanted, Self.allowed.lowerBound), Self.most)
    }

    /// The size of a part, which counts from 1.
    package func size(ofPart number: Int) -> Int {
        let quarter = self.limit / 4
        guard number > quarter else { return self.first }
        // 75 steps, the last of which is the largest part there may be.
        let step = 1 + (number - quarter - 1) * 75 / (self.limit - quarter)
        let size = Double(self.first) * pow(Double(Self.allowed.upperBound) / Double(self.first), Double(step) / 75)
        let rounded = Int(size) / Self.mebibyte * Self.mebibyte
        return min(max(rounded, self.first), Self.most)
    }
}
