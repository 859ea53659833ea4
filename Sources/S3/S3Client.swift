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
    let failures: S3Failures
    let http: HTTPClient

    init(_ settings: S3Settings, http: HTTPClient) throws {
        self.settings = settings
        self.address = try Address(settings)
        self.failures = S3Failures(settings: settings, address: self.address)
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
        try await self.retrying(request) { failures in
            var answer = try await self.answer(self.send(request))
            answer.failures = failures
            if let error = answer.error, !accepted(error) { throw self.judge(error, request) }
            try check(answer)
            return answer
        }
    }

    /// Runs the tries of a request.
    func retrying<Result>(_ request: S3Request, _ body: (_ failures: Int) async throws -> Result) async throws -> Result
    {
        let policy = self.settings.retries
        let clock = ContinuousClock()
        var lastProgress = clock.now
        var failures = 0
        while true {
            try Task.checkCancellation()
            let begun = clock.now
            do {
                return try await body(failures)
            } catch {
                let again = try TransportError.judge(error, self.address)
                if again.progressed { (failures, lastProgress) = (0, begun) }
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
    func send(_ request: S3Request) async throws -> HTTPClientResponse {
        let signed = self.signed(request)
        var message = HTTPClientRequest(url: signed.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = signed.headers
        if !request.body.isEmpty {
            let body = BodySlices(buffer: ByteBuffer(bytes: request.body))
            message.body = .stream(body, length: .known(Int64(request.body.count)))
        }
        // The head's deadline is none: what counts is that bytes keep coming, which the idle timeouts watch.
        return try await self.http.execute(message, deadline: .distantFuture)
    }

    /// A request's URL and headers, signed for now.
    func signed(_ request: S3Request) -> (url: String, headers: HTTPHeaders) {
        let now = Date()
        let hash = Signer.sha256(request.body)
        var own = [(name: "host", value: self.address.host)]
        own.append((name: "x-amz-content-sha256", value: hash))
        own.append((name: "x-amz-date", value: Signer.timestamp(now)))
        if let token = self.settings.credentials.sessionToken {
            own.append((name: "x-amz-security-token", value: token.reveal()))
        }
        let signing = SigningRequest(
            method: request.method,
            path: self.address.path(request.key),
            query: request.query,
            headers: own + request.headers,
            payloadHash: hash
        )
        let signer = Signer(credentials: self.settings.credentials, region: self.settings.region)
        var headers = HTTPHeaders(own.map { ($0.name, $0.value) } + request.headers.map { ($0.name, $0.value) })
        headers.add(name: "authorization", value: signer.authorization(for: signing, at: now))
        let query = signing.canonicalQuery
        let path = signing.path + (query.isEmpty ? "" : "?" + query)
        return ("\(self.address.scheme)://\(self.address.host)\(path)", headers)
    }

    /// Reads an answer as a whole; errors and listings are small.
    func answer(_ response: HTTPClientResponse) async throws -> S3Answer {
        let headers = Self.headers(response)
        let body = Array(buffer: try await response.body.collect(upTo: 16 << 20))
        let status = Int(response.status.code)
        let error = (200..<300).contains(status) ? nil : S3Error(status: status, headers: headers, body: body)
        return S3Answer(status: status, headers: headers, body: body, error: error)
    }

    /// What to throw for an error of the service.
    func judge(_ error: S3Error, _ request: S3Request) -> any Error {
        guard error.mayPass else { return self.failures.failure(error, request) }
        let wait = error.retryAfter.map { Duration.seconds(max(0, $0)) }
        return TryAgain(reason: error.cause, requestID: nil, wait: wait)
    }

    /// Headers by their names in lower case.
    static func headers(_ response: HTTPClientResponse) -> [String: String] {
        Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    }
}
