import Glibc

/// The priority of work that may wait.
package enum LowPriority {
    /// The last of processor priorities (nice(2)).
    ///
    /// The kernel takes the priority at a disk from it, level 7 of the best-effort class, unless one is set. (ioprio_set(2).)
    /// The idle class would not do: on a busy disk a copy may wait for ever in it, while the server overwrites its redo
    /// log.
    package static let nice: Int32 = 19

    /// Lowers the calling thread's priority, and so that of all threads which it starts; it cannot be raised again.
    package static func takeThisThread() {
        // On Linux a priority is a thread's, and 0 the calling one. (setpriority(2), "C library/kernel differences".)
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.nice)
    }
}
