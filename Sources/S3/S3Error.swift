/// What a service says went wrong.
struct S3Error: Sendable, Equatable {
    /// The HTTP status.
    let status: Int
    /// The service's code, such as NoSuchKey; empty where there is none, as in answers to HEAD.
    let code: String
    /// The service's words.
    let message: String
    /// The service's name for the request.
    let requestID: String?
    /// The region that the bucket is in, where the service tells.
    let region: String?
    /// The endpoint that the bucket wants, where the service tells.
    let endpoint: String?
    /// The service's time.
    let time: String?
    /// What the service asks to wait, in seconds.
    let retryAfter: Int?

    init(status: Int, headers: [String: String], body: [UInt8]) {
        let root = XMLNode(document: body)
        // Some put the error into an ErrorResponse.
        let node = root.flatMap { $0.name == "Error" ? $0 : $0.all("Error").first }
        self.status = status
        self.code = node?("Code") ?? ""
        // An error page is not worth more than its beginning.
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        self.message =
            node.map { $0("Message") ?? "" } ?? text.split(whereSeparator: \.isNewline).joined(separator: " ")
        self.requestID = headers["x-amz-request-id"] ?? node?("RequestId")
        self.region = headers["x-amz-bucket-region"] ?? node?("Region")
        self.endpoint = node?("Endpoint")
        self.time = node?("ServerTime") ?? headers["date"]
        self.retryAfter = headers["retry-after"].flatMap { Int($0) }
    }

    /// The service's words, with all that helps its operator to find the request.
    var cause: String {
        var parts = ["HTTP \(self.status)"]
        if !self.code.isEmpty { parts.append(self.code) }
        if !self.message.isEmpty { parts.append(self.message) }
        let text = parts.joined(separator: " ")
        return self.requestID.map { "\(text) (request id \($0))" } ?? text
    }

    /// Whether newer credentials may help.
    var isStale: Bool {
        ["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestExpired"].contains(self.code)
    }

    /// Whether the service does not know a header of the request, such as If-None-Match, whatever words it has for that.
    var refusesConditions: Bool {
        if self.status == 501 || self.status == 405 { return true }
        return ["NotImplemented", "InvalidArgument", "InvalidRequest", "MethodNotAllowed"].contains(self.code)
    }

    /// Whether the same request may succeed a little later.
    var mayPass: Bool {
        switch self.code {
        case "RequestTimeout", "SlowDown", "BadDigest", "InternalError", "ServiceUnavailable", "Throttling",
            "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "IncompleteBody",
            "XAmzContentSHA256Mismatch", "ConditionalRequestConflict", "OperationAborted":
            return true
        case "NotImplemented", "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage": return false
        default: break
        }
        switch self.status {
        case 408, 429: return true
        case 501, 505, 507: return false
        default: return self.status >= 500
        }
    }
}
