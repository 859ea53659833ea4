import Glibc

/// How many threads compress or decompress.
package enum ProcessorCount {
    /// More would help no more, and each holds some MiB.
    private static let limit = 16

    /// The processors that are at work in this machine, 1 to 16.
    package static var current: Int { self.clamp(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The nearest number of threads that is allowed.
    static func clamp(_ count: Int) -> Int { min(max(count, 1), self.limit) }
}
