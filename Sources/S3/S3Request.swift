import NIOCore

/// A request before it is signed; it can be sent as often as it takes.
struct S3Request: Sendable {
    /// What it does, for messages: "put", "list".
    let operation: String
    /// The permission that it needs.
    let permission: String
    /// The HTTP method.
    let method: String
    /// The object, with the store's prefix; nil for the bucket.
    var key: String?
    /// The query, not encoded.
    var query: [(name: String, value: String)] = []
    /// Headers of its own.
    var headers: [(name: String, value: String)] = []
    /// The body, which goes out with its length and its SHA-256.
    var body = ByteBuffer()
    /// Whether a task that is cancelled meanwhile waits for the answer a little, to learn what there is to clean up.
    ///
    /// Such a request has no body.
    var isAwaited = false
}

/// An answer whose body was read as a whole.
struct S3Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]
    /// What the service says went wrong; nil when the status is one of success.
    let error: S3Error?
    /// How many tries had failed before.
    var failures = 0

    /// The answer as XML, if its root has the name.
    func document(_ name: String) -> XMLNode? {
        XMLNode(document: self.body).flatMap { $0.name == name ? $0 : nil }
    }
}

/// Thrown by one try of a request when another one may help.
struct TryAgain: Error {
    let reason: String
    var requestID: String?
    /// What the service asks to wait.
    var wait: Duration?
    /// Whether this try got further than those before.
    var progressed = false
    /// What to do about it if it stays so.
    var hint: String?
}

/// A body that goes out slice by slice, so that an idle connection can be told from a slow one.
struct BodySlices: AsyncSequence, Sendable {
    static let size = 256 << 10
    let buffer: ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ByteBuffer

        mutating func next() async -> ByteBuffer? {
            self.rest.readSlice(length: Swift.min(BodySlices.size, self.rest.readableBytes))
                .flatMap { $0.readableBytes > 0 ? $0 : nil }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: self.buffer) }
}
