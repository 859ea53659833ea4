/// How much memory and disk a replay's server gets; all in bytes.
struct ReplaySizes {
    private static let step: Int64 = 128 << 20

    /// What data and binary logs take.
    let data: Int64
    let binlogs: Int64
    /// What is free.
    let memory: Int64
    let space: Int64

    /// Half of the free memory, unless the data is smaller, in the steps that servers round to.
    var bufferPool: Int64 {
        let wanted = min(self.memory / 2, self.data + self.data / 4)
        return max(Self.step, wanted / Self.step * Self.step)
    }

    /// Large enough not to fill up at once, so that a page is written once for many changes; nil where the server's own
    /// setting does: few changes, or little room on the disk.
    var redoLog: Int64? {
        let wanted = min(2 << 30, self.binlogs / Self.step * Self.step)
        return wanted >= 2 * Self.step && wanted < self.space / 4 ? wanted : nil
    }
}
