import Failures
import Foundation
import Glibc
package import Processes

/// Runs programs that are started and ended in the middle of other work, and lets none outlive its scope.
package struct Launcher: Sendable {
    private struct Launch: Sendable {
        let command: ToolCommand
        let log: String
        let started: @Sendable (Result<Int32, any Error>) -> Void
    }

    private let launches: AsyncStream<Launch>.Continuation

    /// Runs the closure; all programs that it started have ended when this returns, by SIGKILL if they still run.
    package static func with<Result: Sendable>(
        _ body: @Sendable @escaping (Launcher) async throws -> Result
    ) async throws -> Result {
        let (stream, continuation) = AsyncStream<Launch>.makeStream()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await Self.serve(stream)
                return nil
            }
            group.addTask { try await body(Launcher(launches: continuation)) }
            defer {
                continuation.finish()
                group.cancelAll()
            }
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CancellationError()
        }
    }

    private static func serve(_ stream: AsyncStream<Launch>) async {
        await withDiscardingTaskGroup { group in
            for await launch in stream {
                group.addTask { await Self.run(launch) }
            }
            group.cancelAll()
        }
    }

    private static func run(_ launch: Launch) async {
        do {
            _ = try await Service.with(launch.command, log: launch.log, grace: .zero) { service in
                launch.started(.success(service.pid))
                while service.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            }
        } catch {
            launch.started(.failure(error))
        }
    }

    /// Starts a program and returns its process id.
    package func start(_ command: ToolCommand, log: String) async throws -> Int32 {
        let answers = AsyncThrowingStream<Int32, any Error>.makeStream()
        let launch = Launch(command: command, log: log) { result in
            switch result {
            case .success(let pid): answers.continuation.yield(pid)
            case .failure(let error): answers.continuation.finish(throwing: error)
            }
        }
        self.launches.yield(launch)
        for try await pid in answers.stream { return pid }
        throw CancellationError()
    }
}
