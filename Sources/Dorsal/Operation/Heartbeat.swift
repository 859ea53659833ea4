import AsyncHTTPClient
import Failures
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Tells a monitor, by a GET of its address, that a backup was made or has failed.
///
/// A success is the address itself, a failure the address with `/fail` added to its path, as healthchecks.io has it
/// (https://healthchecks.io/docs/http_api/).
struct Heartbeat: Sendable {
    /// What is told.
    enum Signal: Sendable { case success, failure }

    /// The address; who knows it can call it.
    let url: Secret
    /// How long one call may take.
    var limit: Duration = .seconds(10)
    /// How often to call until it is answered well; once in a task that is cancelled.
    var tries = 3
    /// How long to wait before the second call; then twice as long each time.
    var pause: Duration = .seconds(1)

    /// Calls the address.
    ///
    /// - Throws: `Failure` of class `warning`, which shows of the address its scheme and host only; `CancellationError`
    ///   when the task was cancelled meanwhile.
    func send(_ signal: Signal) async throws {
        guard let address = self.address(signal) else {
            throw self.failure("it is no address of a monitor")
        }
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(10))
        // It is tried again here, a few times and not until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        try await HTTPClient.withHTTPClient(configuration: configuration) { http in
            let tries = Task.isCancelled ? 1 : self.tries
            for number in 1... {
                let answer = try await self.call(address, http)
                if answer == nil { return }
                guard answer?.mayPass == true, number < tries else { throw self.failure(answer?.text ?? "") }
                try await Task.sleep(for: self.pause * (1 << (number - 1)))
            }
        }
    }

    /// The address of a signal.
    func address(_ signal: Signal) -> String? {
        guard var address = URLComponents(string: self.url.reveal()), address.host?.isEmpty == false else { return nil }
        if signal == .failure {
            let path = address.percentEncodedPath
            address.percentEncodedPath = (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/fail"
        }
        return address.string
    }

    /// Why a call was not answered well.
    private struct Refusal {
        let text: String
        /// Whether another call may be answered better.
        let mayPass: Bool
    }

    /// Calls once, also in a task that was cancelled before: futures know nothing of that.
    private func call(_ address: String, _ http: HTTPClient) async throws -> Refusal? {
        let wasCancelled = Task.isCancelled
        do {
            let request = try HTTPClient.Request(url: address)
            let deadline = NIODeadline.now() + TimeAmount(self.limit)
            let call = http.execute(request: request, delegate: StatusDelegate(), deadline: deadline)
            let status = try await withTaskCancellationHandler {
                try await call.futureResult.get()
            } onCancel: {
                if !wasCancelled { call.cancel() }
            }
            if 200..<300 ~= status { return nil }
            return Refusal(text: "HTTP status \(status)", mayPass: status >= 500 || status == 429 || status == 408)
        } catch {
            if !wasCancelled { try Task.checkCancellation() }
            return Refusal(text: "\(error)", mayPass: true)
        }
    }

    private func failure(_ cause: String) -> Failure {
        let address = URLComponents(string: self.url.reveal())
        let shown = "\(address?.scheme ?? "http")://\(address?.host ?? "?")/…"
        return Failure(
            .warning,
            "the monitor at \(shown) was not told",
            cause: cause,
            hint: "see that this machine reaches it, and that hooks.heartbeat_url is right"
        )
    }
}

/// Takes an answer's status, and throws its body away.
private final class StatusDelegate: HTTPClientResponseDelegate {
    private let status = Mutex(0)

    func didReceiveHead(task: HTTPClient.Task<Int>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        self.status.withLock { $0 = Int(head.status.code) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Int>) throws -> Int { self.status.withLock { $0 } }
}
