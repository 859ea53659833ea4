import Failures
import Foundation
import Glibc
import Subprocess
import SystemPackage

/// What a program came to that worked on a stream.
package struct ToolStream<Result: Sendable>: Sendable {
    /// What the work beside it returned.
    package let result: Result
    /// The last lines that the program printed on standard error.
    package let messages: [String]
}

extension ToolCommand {
    /// Runs the program while the work reads its standard output.
    ///
    /// - Parameters:
    ///   - folder: Where the program's messages are kept while it runs, in a file without a name.
    ///   - work: Reads to the end; when it stops earlier, the program is ended.
    /// - Throws: What the work throws, unless the program failed before that; ``Failure`` as ``run(failureClass:hint:onLine:)``.
    package func run<Result: Sendable>(
        messagesIn folder: String,
        hint: String? = nil,
        reading work: @Sendable (ToolPipe) async throws -> Result
    ) async throws -> ToolStream<Result> {
        let (pipe, end) = try ToolPipe.make()
        return try await self.run(messagesIn: folder, hint, input: nil, output: end, pipe) { pipe in
            do {
                return .success(try await work(pipe))
            } catch {
                // Behind the end of its output it is the program that tells why it is not whole.
                guard pipe.isAtEnd else { throw error }
                return .failure(error)
            }
        }
    }

    /// Runs the program while the work writes to its standard input.
    ///
    /// - Parameter work: When it throws, the program is ended.
    /// - Throws: As ``run(messagesIn:hint:reading:)``.
    @discardableResult
    package func run(
        messagesIn folder: String,
        hint: String? = nil,
        writing work: @Sendable (ToolPipe) async throws -> Void
    ) async throws -> ToolStream<Void> {
        let (pipe, end) = try ToolPipe.make()
        return try await self.run(messagesIn: folder, hint, input: end, output: nil, pipe) { pipe in
            do {
                return .success(try await work(pipe))
            } catch let error as ToolPipe.Closed {
                return .failure(error)
            }
        }
    }

    /// Runs the program with the other end of a pipe; `work` returns the failures that are the program's to explain.
    private func run<Result: Sendable>(
        messagesIn folder: String,
        _ hint: String?,
        input: Int32?,
        output: Int32?,
        _ pipe: ToolPipe,
        work: (ToolPipe) async throws -> Swift.Result<Result, any Error>
    ) async throws -> ToolStream<Result> {
        let messages = try MessageFile(in: folder)
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        defer { try? null.close() }
        let outcome: ExecutionResult<Swift.Result<Result, any Error>, FileDescriptorOutput, FileDescriptorOutput>
        do {
            outcome = try await Subprocess.run(
                self.subprocessExecutable,
                arguments: self.subprocessArguments,
                platformOptions: Self.platformOptions(grace: .seconds(20)),
                input: .fileDescriptor(
                    input.map(FileDescriptor.init(rawValue:)) ?? null,
                    closeAfterSpawningProcess: input != nil
                ),
                output: .fileDescriptor(
                    output.map(FileDescriptor.init(rawValue:)) ?? null,
                    closeAfterSpawningProcess: output != nil
                ),
                error: .fileDescriptor(messages.descriptor, closeAfterSpawningProcess: false)
            ) { _ in
                // A program that waits for us is let go of in any case.
                defer { pipe.close() }
                return try await work(pipe)
            }
        } catch let error as SubprocessError {
            throw self.startFailure(error, .unusable)
        }
        try Task.checkCancellation()
        let lines = messages.lastLines()
        guard outcome.terminationStatus.isSuccess else {
            throw Failure(
                .unusable,
                "\(self.name) failed (\(Self.describe(outcome.terminationStatus)))",
                cause: lines.suffix(8).joined(separator: "\n"),
                hint: hint
            )
        }
        return ToolStream(result: try outcome.closureResult.get(), messages: lines)
    }
}

/// A file without a name that takes a program's messages, of which only the last matter.
private struct MessageFile: ~Copyable {
    let descriptor: FileDescriptor

    init(in folder: String) throws {
        var path = Array("\(folder)/.messages-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Failure.file("create a file in", folder, errno: errno) }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = FileDescriptor(rawValue: descriptor)
    }

    deinit { try? self.descriptor.close() }

    func lastLines() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let size = (try? self.descriptor.seek(offset: 0, from: .end)) ?? 0
        let count = pread(self.descriptor.rawValue, &buffer, buffer.count, Int(max(0, size - 8192)))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
