import Failures
import Signing
import Synchronization

/// The account that all requests of a store sign with, and how to get a fresh one when it has expired.
final class CredentialSource: Sendable {
    private struct State {
        var current: Credentials
        var isRefreshing = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Bool, any Error>] = [:]
    }

    private enum Turn {
        /// Others have renewed them meanwhile.
        case renewed
        case refresh
        case wait
    }

    private let state: Mutex<State>
    private let refresh: (@Sendable () async throws -> Credentials)?

    init(_ credentials: Credentials, refresh: (@Sendable () async throws -> Credentials)?) {
        self.state = Mutex(State(current: credentials))
        self.refresh = refresh
    }

    /// What to sign with now.
    var current: Credentials { self.state.withLock { $0.current } }

    /// Gets other credentials than those that were refused; requests that are refused together ask once together.
    ///
    /// - Returns: Whether there are others now.
    func renew(after refused: Credentials) async throws -> Bool {
        guard let refresh = self.refresh else { return false }
        while true {
            let turn = self.state.withLock { state -> Turn in
                if state.current != refused { return .renewed }
                if state.isRefreshing { return .wait }
                state.isRefreshing = true
                return .refresh
            }
            switch turn {
            case .renewed: return true
            case .refresh: return try await self.lead(refresh, after: refused)
            case .wait: if try await !self.wait() { return false }
            }
        }
    }

    /// Asks for credentials, and tells those that wait for them what came of it.
    private func lead(
        _ refresh: @Sendable () async throws -> Credentials,
        after refused: Credentials
    ) async throws -> Bool {
        do {
            let fresh = try await refresh()
            self.end(.success(fresh != refused)) { $0.current = fresh }
            return fresh != refused
        } catch {
            // Who was cancelled says nothing about the credentials: another one of those that wait asks then.
            self.end(error is CancellationError || Task.isCancelled ? .success(true) : .failure(error))
            throw error
        }
    }

    private func end(_ result: Result<Bool, any Error>, _ change: (inout State) -> Void = { _ in }) {
        let waiting = self.state.withLock { state in
            change(&state)
            state.isRefreshing = false
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    /// Waits for the one that asks; false when it was given nothing new.
    private func wait() async throws -> Bool {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now = self.state.withLock { state -> Result<Bool, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.isRefreshing else { return .success(true) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            self.state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}

/// Thrown by one try of a request when the service takes its credentials no longer.
struct StaleCredentials: Error {
    /// What to throw when there are no others.
    let failure: Failure
}
