import Failures
import Foundation
import Glibc
import Synchronization

/// A program that runs beside all tests of this process, and is killed when this process ends, however it ends.
///
/// A shell stands between: it waits at a pipe whose other end only this process has. When that closes, the shell kills
/// the program and removes its folder.
enum BoundProcess {
    private static let script = #""$@" </dev/null & read -r _; kill -9 $!; wait $! 2>/dev/null; rm -rf "$0""#
    private static let running = Mutex<[(shell: pid_t, pipe: Int32)]>([])
    /// So that the programs have ended when this process has; without it they would, a moment later.
    private static let endsAtExit: Bool = atexit(endAll) == 0

    /// Starts a program whose output goes to the file `log` in its folder.
    static func start(_ program: String, _ arguments: [String], in folder: String) throws {
        _ = self.endsAtExit
        var ends: [Int32] = [0, 0]
        // A pipe could be inherited by a child that another thread starts now; this is closed from the first moment on.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure.file("make a pipe for", program, errno: errno)
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, out of reach of Ctrl-C, and no signal blocked, as this thread may have some.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let words = ["/bin/sh", "-c", self.script, folder, program] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", &actions, &attributes, pointers, environ)
        guard code == 0 else {
            close(ends[1])
            throw Failure.file("run", program, errno: code)
        }
        self.running.withLock { $0.append((pid, ends[1])) }
    }

    fileprivate static func end() {
        let all = self.running.withLock { running in
            defer { running = [] }
            return running
        }
        for process in all { close(process.pipe) }
        for process in all {
            var status: Int32 = 0
            while waitpid(process.shell, &status, 0) < 0, errno == EINTR {}
        }
    }
}

private func endAll() { BoundProcess.end() }
