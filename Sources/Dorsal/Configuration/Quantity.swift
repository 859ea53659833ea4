/// Sizes and times as people write them.
package enum Quantity {
    /// A size such as `10GiB`, `10G`, `1.5GiB` or plain bytes.
    ///
    /// `K`, `M`, `G` and `T` are powers of 1024, with or without `iB` after them; upper and lower case are equal. A part
    /// of a byte is cut off.
    ///
    /// - Returns: the bytes; nil for any other text, `10GB` among it, which some take for a power of 1000.
    package static func bytes(_ text: String) -> Int64? {
        guard let match = text.wholeMatch(of: #/(\d{1,18})(?:\.(\d{1,9}))?([KMGT](?:iB)?)?/#.ignoresCase()) else {
            return nil
        }
        let (_, whole, fraction, unit) = match.output
        let shift = unit?.first.map { Quantity.shifts[Character($0.uppercased())] ?? 0 } ?? 0
        guard fraction == nil || shift > 0, let count = Int64(whole) else { return nil }
        let (bytes, overflows) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !overflows else { return nil }
        let rest = fraction.map { Quantity.part($0, of: 1 << shift) } ?? 0
        let (sum, isTooLarge) = bytes.addingReportingOverflow(rest)
        return isTooLarge ? nil : sum
    }

    /// A time such as `90s`, `15m`, `12h`, `7d` or `2w`.
    ///
    /// - Returns: the duration; nil for any other text, a number without a unit among it.
    package static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, let seconds = Quantity.seconds[unit] else { return nil }
        let digits = text.dropLast()
        guard (1...10).contains(digits.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int64(digits)
        else { return nil }
        return .seconds(count * seconds)
    }

    /// A size in the largest unit that gives a whole number, such as `8MiB`.
    package static func text(bytes: Int64) -> String {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")]
        let unit = units.first { shift, _ in bytes > 0 && bytes % (1 << shift) == 0 }
        return unit.map { "\(bytes >> $0.0)\($0.1)" } ?? "\(bytes)"
    }

    /// A duration in the largest unit that gives a whole number, such as `10m`.
    package static func text(_ duration: Duration) -> String {
        let count = duration.components.seconds
        let units: [(Int64, String)] = [(604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m")]
        let unit = units.first { size, _ in count > 0 && count % size == 0 }
        return unit.map { "\(count / $0.0)\($0.1)" } ?? "\(count)s"
    }

    private static let shifts: [Character: Int64] = ["K": 10, "M": 20, "G": 30, "T": 40]
    private static let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// The decimal places `digits` of a unit, in bytes; both factors are small enough for 128 bits.
    private static func part(_ digits: Substring, of unit: Int64) -> Int64 {
        let scale = digits.reduce(Int128(1)) { scale, _ in scale * 10 }
        return Int64((Int128(digits) ?? 0) * Int128(unit) / scale)
    }
}
