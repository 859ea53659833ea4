import Foundation

/// A choice among backups for reading back: those come first that were not read back for longest.
struct Sample {
    /// Numbers that look random and follow from the first alone (SplitMix64).
    struct Numbers: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { self.state = seed }

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// The backups that were chosen, oldest first.
    let chosen: [BackupID]

    /// Chooses a share of the backups, at least one where there is any.
    ///
    /// - Parameter backups: the backups with the time when they were last read back; nil when they never were.
    init(percent: Double, of backups: [(id: BackupID, last: Date?)], seed: UInt64) {
        var numbers = Numbers(seed: seed)
        let count = Int((Double(backups.count) * percent / 100).rounded(.up))
        // Sorted first, so that the order depends on the seed alone; then the sort by time keeps it among equals.
        let shuffled = backups.sorted { $0.id < $1.id }.shuffled(using: &numbers).enumerated()
        let byTime = shuffled.sorted {
            ($0.element.last ?? .distantPast, $0.offset) < ($1.element.last ?? .distantPast, $1.offset)
        }
        self.chosen = byTime.prefix(max(1, count)).map(\.element.id).sorted()
    }
}
