import Failures
import Foundation
import Glibc

/// A child process `/bin/sh -c` in a process group of its own, whose output is read.
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
    ///
    /// - Parameters:
    ///   - environment: its environment; nil for this process's.
    ///   - input: what it reads; nothing by default.
    ///   - merged: whether its output counts as errors, so that both are kept in the order in which they came.
    init(_ line: String, environment: [String: String]? = nil, input: [UInt8] = [], merged: Bool = false) throws {
        let source = try ShellChild.file(holding: input)
        defer { close(source) }
        var (out, err): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&out) == 0, pipe(&err) == 0 else {
            let cause = String(cString: strerror(errno))
            for descriptor in out + err where descriptor >= 0 { close(descriptor) }
            throw Failure(.internal, "no pipe to a shell", cause: cause)
        }
        for descriptor in out + err { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        defer { for descriptor in [out[1], err[1]] { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, source, 0)
        posix_spawn_file_actions_adddup2(&actions, merged ? err[1] : out[1], 1)
        posix_spawn_file_actions_adddup2(&actions, err[1], 2)
        var pid: pid_t = 0
        let code = ShellChild.spawn(line, environment, &actions, &pid)
        guard code == 0 else {
            for descriptor in [out[0], err[0]] { close(descriptor) }
            throw Failure(.internal, "/bin/sh could not be run", cause: String(cString: strerror(code)))
        }
        (self.pid, self.output, self.errors) = (pid, out[0], err[0])
    }

    /// A file that is gone from its folder already: a pipe would have to be written to while the child reads, or does not.
    private static func file(holding bytes: [UInt8]) throws -> Int32 {
        if bytes.isEmpty { return try ShellChild.require(open("/dev/null", O_RDONLY | O_CLOEXEC)) }
        var path = Array("\(NSTemporaryDirectory())/dorsal-input-XXXXXX".utf8CString)
        let descriptor = try ShellChild.require(mkstemp(&path))
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            do {
                written += try ShellChild.require(count)
            } catch {
                close(descriptor)
                throw error
            }
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    private static func require<Number: SignedInteger>(_ result: Number) throws -> Number {
        if result >= 0 { return result }
        throw Failure(.internal, "no input for a shell", cause: String(cString: strerror(errno)))
    }

    /// A group of its own, so that all of it can be killed, and signals as a program expects them.
    private static func spawn(
        _ line: String,
        _ environment: [String: String]?,
        _ actions: inout posix_spawn_file_actions_t,
        _ pid: inout pid_t
    ) -> Int32 {
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
        var arguments = ShellChild.strings(["/bin/sh", "-c", line])
        defer { for argument in arguments { free(argument) } }
        guard let environment else {
            return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
        }
        var variables = ShellChild.strings(environment.map { "\($0)=\($1)" })
        defer { for variable in variables { free(variable) } }
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &variables)
    }

    /// Strings as C has them, nil at the end.
    private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { (text: String) in strdup(text) } + [nil]
    }

    /// Reads until the process has ended, whoever else may still hold its output open.
    ///
    /// - Parameters:
    ///   - limit: after which the whole group is ended.
    ///   - keeping: how many bytes to keep: the first of the output, the last of the errors.
    ///   - grace: how long the group has to end by itself, after SIGTERM, before it is killed.
    ///   - isCancelled: asked now and then; the group is ended when it says so.
    /// - Throws: `CancellationError` when it was cancelled, after the process has ended.
    func wait(
        limit: Duration,
        keeping: Int,
        grace: Duration = .zero,
        isCancelled: () -> Bool = { Task.isCancelled }
    ) throws -> End {
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
        } while ContinuousClock.now < deadline && !isCancelled()
        self.endGroup(grace) { _ = ShellChild.read(&pipes, into: &end, keeping: keeping, milliseconds: 20) }
        if isCancelled() { throw CancellationError() }
        return end
    }

    /// Ends the shell and all that it started.
    private func endGroup(_ grace: Duration, meanwhile: () -> Void) {
        if grace > .zero {
            kill(-self.pid, SIGTERM)
            let deadline = ContinuousClock.now + grace
            while ContinuousClock.now < deadline, !self.hasEnded { meanwhile() }
        }
        // Before the shell is reaped: its number, which is the group's, could be another's afterwards.
        kill(-self.pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(self.pid, &status, 0) < 0, errno == EINTR {}
    }

    /// Whether the shell has ended; it stays to be reaped.
    private var hasEnded: Bool {
        var information = siginfo_t()
        let code = waitid(P_PID, id_t(self.pid), &information, WEXITED | WNOHANG | WNOWAIT)
        return code == 0 && information.si_signo == SIGCHLD
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
