import AsyncHTTPClient
import Failures
import Foundation
import NIOCore
import NIOHTTP1
import Signing

/// Signs requests, sends them, and sends them again where that may help.
struct S3Client: Sendable {
    let settings: S3Settings
    let address: Address
    let credentials: CredentialSource
    let failures: S3Failures
    let http: HTTPClient

    init(_ settings: S3Settings, http: HTTPClient) throws {
        self.settings = settings
        self.address = try Address(settings)
        self.credentials = CredentialSource(settings.credentials, refresh: settings.refresh)
        self.failures = S3Failures(settings: settings, address: self.address, credentials: self.credentials)
        self.http = http
    }

    /// Sends a request until it is answered, and reads the answer as a whole.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - accepted: Statuses and codes of errors that are answers to the caller rather than failures.
    ///   - check: Looks at the answer, and throws a ``TryAgain`` if it is worth nothing.
    /// - Throws: ``Failure`` of class storage for an error that stays, and of class storage-temporary when all tries
    ///   have failed.
    func perform(
        _ request: S3Request,
        accepting accepted: (S3Error) -> Bool = { _ in false },
        check: (S3Answer) throws -> Void = { _ in }
    ) async throws -> S3Answer {
        try await self.retrying(request) { attempt in
            var answer =
                try await request.isAwaited
                ? self.awaitedAnswer(request, attempt) : self.answer(self.send(request, attempt))
            answer.failures = attempt.failures
            if let error = answer.error, error.isStale || !accepted(error) { throw self.judge(error, request) }
            try check(answer)
            return answer
        }
    }

    /// One try of a request.
    struct Attempt: Sendable {
        /// How many have failed before.
        let failures: Int
        /// What to sign it with.
        let credentials: Credentials
    }

    /// Runs the tries of a request.
    func retrying<Result>(_ request: S3Request, _ body: (Attempt) async throws -> Result) async throws -> Result {
        let policy = self.settings.retries
        let clock = ContinuousClock()
        var lastProgress = clock.now
        var failures = 0
        var hasRenewed = false
        while true {
            try Task.checkCancellation()
            let begun = clock.now
            let attempt = Attempt(failures: failures, credentials: self.credentials.current)
            do {
                return try await body(attempt)
            } catch let stale as StaleCredentials {
                // Once: credentials that are new and refused as well are wrong for another reason.
                guard !hasRenewed, try await self.credentials.renew(after: attempt.credentials) else {
                    throw stale.failure
                }
                hasRenewed = true
            } catch {
                let again = try TransportError.judge(error, self.address)
                if again.progressed { (failures, lastProgress, hasRenewed) = (0, begun, false) }
                failures += 1
                let delay = policy.delay(after: failures, asked: again.wait)
                guard failures < policy.tries, clock.now + delay - lastProgress < policy.patience else {
                    throw self.failures.exhausted(again, request, tries: failures)
                }
                self.settings.onRetry(
                    S3Retry(
                        operation: self.failures.doing(request),
                        tries: failures,
                        limit: policy.tries,
                        reason: again.reason,
                        delay: delay
                    )
                )
                try await Task.sleep(for: delay)
            }
        }
    }

    /// Sends a request once; the answer's body is still to be read.
    func send(_ request: S3Request, _ attempt: Attempt) async throws -> HTTPClientResponse {
        let signed = self.signed(request, attempt.credentials)
        var message = HTTPClientRequest(url: signed.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = signed.headers
        if request.body.readableBytes > 0 {
            let length = Int64(request.body.readableBytes)
            message.body = .stream(BodySlices(buffer: request.body), length: .known(length))
        }
        // The head's deadline is none: what counts is that bytes keep coming, which the idle timeouts watch.
        return try await self.http.execute(message, deadline: .distantFuture)
    }

    /// Sends a request without a body once, and waits for its answer for some seconds after a cancellation.
    private func awaitedAnswer(_ request: S3Request, _ attempt: Attempt) async throws -> S3Answer {
        let (url, headers) = self.signed(request, attempt.credentials)
        let message = try HTTPClient.Request(url: url, method: HTTPMethod(rawValue: request.method), headers: headers)
        let task = self.http.execute(request: message, delegate: ResponseAccumulator(request: message))
        let response = try await withTaskCancellationHandler {
            try await task.futureResult.get()
        } onCancel: {
            task.eventLoop.scheduleTask(in: .seconds(5)) { task.cancel() }
        }
        return Self.answer(Int(response.status.code), response.headers, response.body ?? ByteBuffer())
    }

    /// Sends a request without a body a few times, whatever comes of it, also in a task that is cancelled: futures know
    /// nothing of that.
    func sendAnyway(_ request: S3Request) async {
        for attempt in 0..<3 {
            let (url, headers) = self.signed(request, self.credentials.current)
            let method = HTTPMethod(rawValue: request.method)
            guard let message = try? HTTPClient.Request(url: url, method: method, headers: headers) else { return }
            if attempt > 0 {
                let loop = self.http.eventLoopGroup.any()
                try? await loop.scheduleTask(in: .milliseconds(500)) {}.futureResult.get()
            }
            let answer = try? await self.http.execute(request: message, deadline: .now() + .seconds(10)).get()
            if let status = answer?.status.code, status < 500, status != 429, status != 408 { return }
        }
    }

    /// A request's URL and headers, signed for now.
    func signed(_ request: S3Request, _ credentials: Credentials) -> (url: String, headers: HTTPHeaders) {
        let now = self.settings.now()
        let hash = Signer.sha256(request.body.readableBytesView)
        var own = [(name: "host", value: self.address.host)]
        own.append((name: "x-amz-content-sha256", value: hash))
        own.append((name: "x-amz-date", value: Signer.timestamp(now)))
        if let token = credentials.sessionToken {
            own.append((name: "x-amz-security-token", value: token.reveal()))
        }
        let signing = SigningRequest(
            method: request.method,
            path: self.address.path(request.key),
            query: request.query,
            headers: own + request.headers,
            payloadHash: hash
        )
        let signer = Signer(credentials: credentials, region: self.settings.region)
        var headers = HTTPHeaders(own.map { ($0.name, $0.value) } + request.headers.map { ($0.name, $0.value) })
        headers.add(name: "authorization", value: signer.authorization(for: signing, at: now))
        let query = signing.canonicalQuery
        let path = signing.path + (query.isEmpty ? "" : "?" + query)
        return ("\(self.address.scheme)://\(self.address.host)\(path)", headers)
    }

    /// Reads an answer as a whole; errors and listings are small.
    func answer(_ response: HTTPClientResponse) async throws -> S3Answer {
        let body = try await response.body.collect(upTo: 16 << 20)
        return Self.answer(Int(response.status.code), response.headers, body)
    }

    private static func answer(_ status: Int, _ fields: HTTPHeaders, _ buffer: ByteBuffer) -> S3Answer {
        let headers = Dictionary(fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        let body = Array(buffer: buffer)
        let error = (200..<300).contains(status) ? nil : S3Error(status: status, headers: headers, body: body)
        return S3Answer(status: status, headers: headers, body: body, error: error)
    }

    /// What a try is to throw for an error of the service.
    func judge(_ error: S3Error, _ request: S3Request) -> any Error {
        if error.isStale { return StaleCredentials(failure: self.failures.failure(error, request)) }
        guard error.mayPass else { return self.failures.failure(error, request) }
        let wait = error.retryAfter.map { Duration.seconds(max(0, $0)) }
        return TryAgain(reason: error.cause, requestID: nil, wait: wait)
    }
}
