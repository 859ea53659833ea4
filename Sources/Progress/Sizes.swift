/// Sizes for people, in IEC units.
package enum Sizes {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB"]

    /// A number of bytes with one decimal, such as `1.5 GiB`.
    package static func text(_ bytes: Int64) -> String {
        let scale = self.scale(Double(bytes))
        return scale == 0 ? "\(bytes) B" : "\(self.decimal(Double(bytes) / self.divisor(scale))) \(self.units[scale])"
    }

    /// A rate or a mean, as a number of bytes.
    package static func text(_ bytes: Double) -> String {
        self.text(Int64(bytes.isFinite ? min(max(0, bytes), 1e18) : 0))
    }

    /// A part of a whole, both in the whole's unit, such as `0.3/1.5 GiB`.
    package static func text(_ part: Int64, of whole: Int64) -> String {
        let scale = self.scale(Double(whole))
        if scale == 0 { return "\(part)/\(whole) B" }
        let divisor = self.divisor(scale)
        return "\(self.decimal(Double(part) / divisor))/\(self.decimal(Double(whole) / divisor)) \(self.units[scale])"
    }

    /// A number with one decimal, not rounded up.
    package static func decimal(_ value: Double) -> String { "\((value * 10).rounded(.towardZero) / 10)" }

    private static func scale(_ bytes: Double) -> Int {
        var (scale, value) = (0, bytes)
        while value >= 1024, scale < self.units.count - 1 {
            value /= 1024
            scale += 1
        }
        return scale
    }

    private static func divisor(_ scale: Int) -> Double { (0..<scale).reduce(1.0) { value, _ in value * 1024 } }
}
