package import Failures
import Subprocess
import SystemPackage

/// An external program and its arguments, as a value that can be compared without running it.
package struct ToolCommand: Sendable, Equatable {
    /// The program: an absolute path, or a bare name that is looked up in `PATH`.
    package let executable: String
    /// The arguments, without the program's own name; they never hold a secret.
    package let arguments: [String]
    /// Whether it lets others go first when the processor or a disk is busy: nice 19, and what follows from it. (nice(1).)
    package let isLowPriority: Bool

    package init(_ executable: String, _ arguments: [String], isLowPriority: Bool = false) {
        self.executable = executable
        self.arguments = arguments
        self.isLowPriority = isLowPriority
    }

    /// The program's file name, for messages.
    package var name: String { FilePath(self.executable).lastComponent?.string ?? self.executable }

    var subprocessExecutable: Executable {
        if self.isLowPriority { return .name("nice") }
        return self.executable.contains("/") ? .path(FilePath(self.executable)) : .name(self.executable)
    }

    var subprocessArguments: Arguments {
        Arguments((self.isLowPriority ? ["-n", "19", self.executable] : []) + self.arguments)
    }

    /// How every child is run: in a group of its own, so that a terminal's Ctrl-C reaches us first, and ended with
    /// SIGTERM before SIGKILL when we are cancelled.
    static func platformOptions(grace: Duration) -> PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        return options
    }
}

extension ToolCommand {
    /// Runs the program to its end and returns what it printed last, standard output and error together.
    ///
    /// Output is streamed, so a chatty program cannot fill the memory; only its last lines are kept.
    ///
    /// - Parameters:
    ///   - failureClass: the class of the failure when the program does not succeed.
    ///   - hint: the remedy to name in that failure.
    ///   - onLine: called with each line of output.
    /// - Throws: ``Failure`` when the program cannot be started, exits with another status than 0, or is killed;
    ///   `CancellationError` when the run was cancelled, after the program has ended.
    @discardableResult
    package func run(
        failureClass: Failure.Class = .unusable,
        hint: String? = nil,
        onLine: (@Sendable (String) -> Void)? = nil
    ) async throws -> [String] {
        let result: ExecutionResult<LineTail, SequenceOutput, CombinedErrorOutput>
        do {
            result = try await Subprocess.run(
                self.subprocessExecutable,
                arguments: self.subprocessArguments,
                platformOptions: Self.platformOptions(grace: .seconds(20)),
                input: .none,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                var tail = LineTail(limit: 40)
                var lines = LineSplitter()
                func take(_ line: String) {
                    tail.append(line)
                    onLine?(line)
                }
                for try await buffer in execution.standardOutput {
                    buffer.withUnsafeBytes { lines.add($0, take) }
                }
                lines.finish(take)
                return tail
            }
        } catch let error as SubprocessError {
            throw self.startFailure(error, failureClass)
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            throw Failure(
                failureClass,
                "\(self.name) failed (\(Self.describe(result.terminationStatus)))",
                cause: result.closureResult.lines.suffix(8).joined(separator: "\n"),
                hint: hint
            )
        }
        return result.closureResult.lines
    }

    func startFailure(_ error: SubprocessError, _ failureClass: Failure.Class) -> Failure {
        Failure(
            failureClass,
            "\(self.executable) could not be run",
            cause: "\(error)",
            hint: "install it, or set instance.base to the server's installation"
        )
    }

    static func describe(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "killed by signal \(signal)"
        }
    }
}

/// Cuts bytes into lines; one that has no end within the limit is cut there, so that it cannot fill the memory.
struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []

    init(limit: Int = 1 << 16) { self.limit = limit }

    mutating func add(_ bytes: some Sequence<UInt8>, _ take: (String) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || self.rest.count == self.limit { self.end(take) }
            if byte != UInt8(ascii: "\n") { self.rest.append(byte) }
        }
    }

    /// Takes what came after the last line end.
    mutating func finish(_ take: (String) -> Void) {
        if !self.rest.isEmpty { self.end(take) }
    }

    private mutating func end(_ take: (String) -> Void) {
        if self.rest.last == UInt8(ascii: "\r") { self.rest.removeLast() }
        take(String(decoding: self.rest, as: UTF8.self))
        self.rest.removeAll(keepingCapacity: true)
    }
}

/// The last lines of a program's output.
struct LineTail: Sendable {
    private(set) var lines: [String] = []
    let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func append(_ line: String) {
        self.lines.append(line)
        if self.lines.count > self.limit { self.lines.removeFirst() }
    }
}
