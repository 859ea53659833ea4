import ArgumentParser
import Dorsal
import Failures
import Glibc
import Progress
import Synchronization
import UnixSignals

/// Runs a command's work: errors become printed failures and exit codes, signals become cancellation.
enum Run {
    /// - Parameter work: returns whether there were warnings.
    /// - Throws: `ExitCode` of design's table; nothing else.
    static func command(
        _ options: OutputOptions,
        _ work: @Sendable @escaping (Output) async throws -> Bool
    ) async throws {
        let output = Output(options)
        // Outside of what a signal cancels: cleaning up takes time too.
        async let _ = output.keepTicking()
        do {
            let hasWarnings = try await withCancellation(output) { try await work(output) }
            output.end(.done)
            if hasWarnings { throw ExitCode(Failure.Class.warning.rawValue) }
        } catch let interruption as Interruption {
            output.failure(
                Failure(
                    .internal,
                    "interrupted by \(interruption.name)",
                    hint: "run the same command again: it goes on, or starts afresh, from a safe point"
                ),
                interruption: 128 + interruption.number
            )
            throw ExitCode(128 + interruption.number)
        } catch let incomplete as IncompleteRestore {
            output.end(.failed)
            output.result(incomplete.summary, text: RestoreText.text(incomplete.summary, output, isComplete: false))
            output.failure(incomplete.failure)
            throw ExitCode(incomplete.failure.class.rawValue)
        } catch let incomplete as IncompleteBackup {
            output.end(.failed)
            output.result(incomplete.summary, text: BackupText.text(incomplete.summary, output, config: nil))
            output.failure(incomplete.failure)
            throw ExitCode(incomplete.failure.class.rawValue)
        } catch let incomplete as IncompleteVerification {
            output.end(.failed)
            output.result(incomplete.summary, text: VerifyText.text(incomplete.summary))
            output.failure(incomplete.failure)
            throw ExitCode(incomplete.failure.class.rawValue)
        } catch let incomplete as IncompleteRemoval {
            output.end(.failed)
            output.result(incomplete.summary, text: RemovalText.text(incomplete.summary))
            output.failure(incomplete.failure)
            throw ExitCode(incomplete.failure.class.rawValue)
        } catch let failure as Failure {
            output.failure(failure)
            throw ExitCode(failure.class.rawValue)
        } catch let code as ExitCode {
            throw code
        } catch {
            output.failure(Failure(.internal, "something unexpected happened", cause: "\(error)"))
            throw ExitCode(Failure.Class.internal.rawValue)
        }
    }
}

/// A signal that ended a run.
struct Interruption: Error {
    let signal: UnixSignal

    var number: Int32 { self.signal == .sigint ? SIGINT : SIGTERM }
    var name: String { self.signal == .sigint ? "SIGINT" : "SIGTERM" }
}

/// Runs work that SIGINT and SIGTERM cancel: the first signal starts the clean-up, a second one ends the process.
private func withCancellation(
    _ output: Output,
    _ work: @Sendable @escaping () async throws -> Bool
) async throws -> Bool {
    let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
    let arrived = ArrivedSignal()
    let (interruptions, interrupt) = AsyncStream<Void>.makeStream()
    let (announcements, announce) = AsyncStream<Void>.makeStream()
    return try await withThrowingTaskGroup(of: Bool?.self) { group in
        group.addTask {
            for await signal in signals {
                if arrived.first != nil {
                    output.abandon()
                    _exit(128 + Interruption(signal: signal).number)
                }
                arrived.first = signal
                announce.yield()
                interrupt.finish()
            }
            return nil
        }
        group.addTask {
            // A task of its own: it may wait for a reader, and a second signal must be heard meanwhile.
            for await _ in announcements { output.interrupted() }
            return nil
        }
        group.addTask { try await cancel(work, when: interruptions) }
        defer { group.cancelAll() }
        do {
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CancellationError()
        } catch {
            throw arrived.first.map { Interruption(signal: $0) } ?? error
        }
    }
}

/// The first signal that came.
private final class ArrivedSignal: Sendable {
    private let signal = Mutex<UnixSignal?>(nil)

    var first: UnixSignal? {
        get { self.signal.withLock { $0 } }
        set { self.signal.withLock { $0 = newValue } }
    }
}

/// Runs work and cancels it when the stream ends.
private func cancel(
    _ work: @Sendable @escaping () async throws -> Bool,
    when interruptions: AsyncStream<Void>
) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            for await _ in interruptions {}
            return nil
        }
        defer { group.cancelAll() }
        while let finished = try await group.next() {
            if let result = finished { return result }
            group.cancelAll()
        }
        throw CancellationError()
    }
}
