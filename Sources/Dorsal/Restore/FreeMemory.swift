import Foundation

/// Memory that a tool or a temporary server may be given.
struct FreeMemory {
    /// What the kernel says of the machine.
    var machine = "/proc/meminfo"
    /// What it says of this process's control group.
    var membership = "/proc/self/cgroup"
    /// Where control groups are mounted.
    var groups = "/sys/fs/cgroup"

    /// Bytes that can be had without swapping, nor being killed for a limit; at least 200 MiB, as all need some.
    ///
    /// (proc(5), MemAvailable, in kB.)
    var bytes: Int64 {
        let available = Self.text(self.machine).firstMatch(of: #/MemAvailable:\s+(\d+) kB/#)
            .flatMap { Int64($0.1) }.map { $0 * 1024 }
        return max(200 << 20, min(available ?? 0, self.group ?? .max))
    }

    /// What the group and those above it leave; nil without a limit.
    ///
    /// Cached files count as used, but make room. (Linux, "Control Group v2", memory.max, memory.current, memory.stat.)
    private var group: Int64? {
        guard let path = Self.text(self.membership).firstMatch(of: #/(?m)^0::(.*)$/#)?.1 else { return nil }
        var folder = self.groups + (path == "/" ? "" : path)
        var rest: [Int64] = []
        while folder.hasPrefix(self.groups) {
            if let limit = Self.number("\(folder)/memory.max"), let used = Self.number("\(folder)/memory.current") {
                let files = Self.text("\(folder)/memory.stat").firstMatch(of: #/(?m)^file (\d+)/#).flatMap {
                    Int64($0.1)
                }
                rest.append(limit - used + (files ?? 0))
            }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return rest.min()
    }

    private static func number(_ path: String) -> Int64? {
        Int64(self.text(path).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
