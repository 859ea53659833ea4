import ArgumentParser
import Dorsal
import Failures
import Glibc
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

private enum Outcome: Sendable {
    case value(Bool)
    case signal(UnixSignal)
    case nothing
}

/// Runs work that SIGINT and SIGTERM cancel: the first signal starts the clean-up, a second one ends the process.
private func withCancellation(_ work: @Sendable @escaping () async throws -> Bool) async throws -> Bool {
    let arrivals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
        group.addTask {
            for await signal in arrivals { return .signal(signal) }
            return .nothing
        }
        group.addTask { .value(try await work()) }
        var interruption: Interruption?
        while true {
            do {
                switch try await group.next() {
                case .value(let value):
                    group.cancelAll()
                    if let interruption { throw interruption }
                    return value
                case .signal(let signal):
                    interruption = Interruption(signal: signal)
                    group.cancelAll()
                    group.addTask {
                        for await second in arrivals { _exit(128 + Interruption(signal: second).number) }
                        return .nothing
                    }
                case .nothing: continue
                case nil: throw interruption ?? CancellationError() as any Error
                }
            } catch {
                group.cancelAll()
                throw interruption ?? error
            }
        }
    }
}
