import Failures
import Foundation
import Glibc

/// What `/proc` says of the processes on this machine (proc(5)).
package enum ProcessTable {
    /// Whether a process exists and has not ended; a zombie has ended, unless threads of it are still on their way out
    /// and keep its files and sockets open.
    package static func isRunning(_ pid: Int32) -> Bool {
        guard let state = Self.state(of: pid), state != "X" else { return false }
        if state != "Z" { return true }
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.count > 1
    }

    /// Whether a process was stopped by a signal and waits for SIGCONT.
    package static func isStopped(_ pid: Int32) -> Bool { Self.state(of: pid) == "T" }

    /// The processes, other than this one, with an argument that contains the given text.
    ///
    /// The text should be a path that only Dorsal uses, such as a staging folder's: then the processes are ours,
    /// left over from a run that was killed.
    package static func processes(withArgumentContaining text: String) -> [Int32] {
        let own = getpid()
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            pid != own && Self.isRunning(pid) && Self.arguments(of: pid).contains { $0.contains(text) }
        }
    }

    /// A process's command line, or none if it has gone.
    package static func arguments(of pid: Int32) -> [String] {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return [] }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Ends processes: SIGTERM first, SIGKILL when one is still there after the grace.
    ///
    /// - Throws: `Failure` of class `unusable` when one does not end at all.
    package static func end(_ pids: [Int32], grace: Duration = .seconds(30)) async throws {
        for pid in pids { kill(pid, SIGTERM) }
        if try await Self.waitForEnd(of: pids, limit: grace) { return }
        for pid in pids where Self.isRunning(pid) { kill(pid, SIGKILL) }
        guard try await !Self.waitForEnd(of: pids, limit: .seconds(30)) else { return }
        throw Failure(
            .unusable,
            "process \(pids.filter(Self.isRunning).map(String.init).joined(separator: ", ")) does not end, not even killed",
            hint: "it may wait for a disk that does not answer: look at its state in /proc"
        )
    }

    /// Waits until none of the processes runs; false when the limit has passed.
    package static func waitForEnd(of pids: [Int32], limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while pids.contains(where: Self.isRunning) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// The one-letter state, the first field after the parenthesised command name in `/proc/PID/stat`.
    private static func state(of pid: Int32) -> Character? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
            let end = data.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        return String(decoding: data[data.index(after: end)...], as: UTF8.self).first { $0 != " " }
    }
}
