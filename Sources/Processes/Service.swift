import Failures
import Foundation
import Glibc
import Subprocess
import SystemPackage

/// A long-running child process that lives exactly as long as a closure.
package struct Service: Sendable {
    /// The process's id; valid only inside the closure that ``with(_:log:grace:body:)`` calls.
    package let pid: Int32

    /// How a process ended.
    package struct End: Sendable, Equatable {
        /// Whether it ended by itself and said that all was well.
        package let isClean: Bool
        /// The exit status or the signal, in words.
        package let description: String
    }

    /// Whether the process still runs.
    package var isRunning: Bool { ProcessTable.isRunning(self.pid) }

    /// Starts a program, runs the closure beside it, then ends the program with SIGTERM and waits for its end.
    ///
    /// The program's output is appended to the log. However the closure ends, the program has ended when this returns;
    /// it is killed only when it has not ended within the grace after a cancellation or an error.
    ///
    /// - Returns: what the closure returned, and how the program ended.
    /// - Throws: what the closure throws; ``Failure`` when the program cannot be started.
    package static func with<Result: Sendable>(
        _ command: ToolCommand,
        log: String,
        grace: Duration,
        body: (Service) async throws -> Result
    ) async throws -> (value: Result, end: End) {
        let descriptor = try Self.openLog(log)
        let outcome: ExecutionResult<Result, FileDescriptorOutput, CombinedErrorOutput>
        do {
            outcome = try await Subprocess.run(
                command.subprocessExecutable,
                arguments: command.subprocessArguments,
                platformOptions: ToolCommand.platformOptions(grace: grace),
                input: .none,
                output: .fileDescriptor(descriptor, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                let result = try await body(Service(pid: execution.processIdentifier.value))
                try? execution.send(signal: .terminate)
                return result
            }
        } catch let error as SubprocessError {
            throw Failure(
                .unusable,
                "\(command.executable) could not be run",
                cause: "\(error)",
                hint: "set instance.base to the server's installation"
            )
        }
        try Task.checkCancellation()
        let status = outcome.terminationStatus
        return (outcome.closureResult, End(isClean: status.isSuccess, description: ToolCommand.describe(status)))
    }

    private static func openLog(_ path: String) throws -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .append],
                permissions: [.ownerReadWrite, .groupRead]
            )
        } catch let error as Errno {
            throw Failure(.unusable, "\(path) cannot be opened for the server's messages", cause: "\(error)")
        }
    }
}
