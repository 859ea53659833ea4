import Failures
import Glibc

/// A child process `/bin/sh -c` in a process group of its own, without input, whose output is read.
struct ShellChild {
    /// How the process ended, and what it printed.
    struct End {
        /// The status as waitpid(2) has it; nil when the process had to be killed because its time was over.
        var status: Int32?
        var output: [UInt8] = []
        var errors: [UInt8] = []
    }

    private let pid: pid_t
    private let output: Int32
    private let errors: Int32

    /// Starts the shell.
    init(_ line: String) throws {
        var (out, err): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&out) == 0, pipe(&err) == 0 else {
            throw Failure(.internal, "no pipe to a password command", cause: String(cString: strerror(errno)))
        }
        for descriptor in out + err { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        defer { for descriptor in [out[1], err[1]] { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out[1], 1)
        posix_spawn_file_actions_adddup2(&actions, err[1], 2)
        var pid: pid_t = 0
        let code = ShellChild.spawn(line, &actions, &pid)
        guard code == 0 else {
            for descriptor in [out[0], err[0]] { close(descriptor) }
            throw Failure(.internal, "/bin/sh could not be run", cause: String(cString: strerror(code)))
        }
        (self.pid, self.output, self.errors) = (pid, out[0], err[0])
    }

    /// A group of its own, so that all of it can be killed, and signals as a program expects them.
    private static func spawn(_ line: String, _ actions: inout posix_spawn_file_actions_t, _ pid: inout pid_t) -> Int32
    {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = ["/bin/sh", "-c", line]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
    }

    /// Reads until the process has ended, whoever else may still hold its output open.
    ///
    /// - Parameter keeping: how many bytes to keep: the first of the output, the last of the errors.
    /// - Throws: `CancellationError` when the task is cancelled, after the process has been killed.
    func wait(limit: Duration, keeping: Int) throws -> End {
        defer { for descriptor in [self.output, self.errors] { close(descriptor) } }
        let deadline = ContinuousClock.now + limit
        var end = End()
        var pipes = [self.output, self.errors]
        var status: Int32 = 0
        repeat {
            let hasEnded = waitpid(self.pid, &status, WNOHANG) != 0
            guard hasEnded else {
                _ = ShellChild.read(&pipes, into: &end, keeping: keeping, milliseconds: 20)
                continue
            }
            // What it left in its pipes, and no more, as a child of its own may go on to write.
            for _ in 0..<64 {
                guard ShellChild.read(&pipes, into: &end, keeping: keeping, milliseconds: 0) else { break }
            }
            end.status = status
            return end
        } while ContinuousClock.now < deadline && !Task.isCancelled
        kill(-self.pid, SIGKILL)
        while waitpid(self.pid, &status, 0) < 0, errno == EINTR {}
        try Task.checkCancellation()
        return end
    }

    /// Reads what is there; false when there is nothing to read within the time.
    ///
    /// A pipe that has ended becomes -1.
    private static func read(_ pipes: inout [Int32], into end: inout End, keeping: Int, milliseconds: Int32) -> Bool {
        var polls = pipes.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        for (index, state) in polls.enumerated() where state.revents != 0 {
            let count = Glibc.read(state.fd, &buffer, buffer.count)
            if count <= 0 {
                pipes[index] = -1
            } else if index == 0 {
                end.output += buffer[..<min(count, keeping - end.output.count)]
            } else {
                end.errors = (end.errors + buffer[..<count]).suffix(keeping)
            }
        }
        return true
    }
}
