import ArgumentParser
import Dorsal
import Failures
import Glibc
import Synchronization
import UnixSignals

/// Runs a command's work: errors become printed failures and exit codes, signals become cancellation.
enum Run {
    /// - Parameter work: returns whether there were warnings.
    /// - Throws: `ExitCode` of design's table; nothing else.
    static func command(json: Bool, _ work: @Sendable @escaping (Output) async throws -> Bool) async throws {
        let output = Output(json: json)
        do {
            let hasWarnings = try await withCancellation { try await work(output) }
            if hasWarnings { throw ExitCode(Failure.Class.warning.rawValue) }
        } catch let interruption as Interruption {
            output.failure(Failure(.internal, "interrupted by \(interruption.name); what was begun is cleaned up"))
            throw ExitCode(128 + interruption.number)
        } catch let incomplete as IncompleteRestore {
            output.result(incomplete.summary, text: RestoreText.text(incomplete.summary))
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

/// The signals that came so far.
private final class Arrived: Sendable {
    private let kept = Mutex<Interruption?>(nil)

    /// The first one.
    var first: Interruption? { self.kept.withLock { $0 } }

    /// Notes a signal; false when it is not the first one.
    func note(_ signal: UnixSignal) -> Bool {
        self.kept.withLock { kept in
            guard kept == nil else { return false }
            kept = Interruption(signal: signal)
            return true
        }
    }
}

/// Runs work that SIGINT and SIGTERM cancel: the first signal starts the clean-up, a second one ends the process.
private func withCancellation(_ work: @Sendable @escaping () async throws -> Bool) async throws -> Bool {
    // One loop for all signals: the sequence can be iterated once only.
    let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
    let arrived = Arrived()
    let run = Task { try await work() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            for await signal in signals {
                if !arrived.note(signal) { _exit(128 + Interruption(signal: signal).number) }
                run.cancel()
            }
        }
        defer { group.cancelAll() }
        let result = await run.result
        if let interruption = arrived.first { throw interruption }
        return try result.get()
    }
}
