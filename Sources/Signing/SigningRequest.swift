/// What of a request goes into its signature.
package struct SigningRequest: Sendable {
    /// The method, in capitals.
    package var method: String
    /// The path as the request line has it, encoded already where it has to be.
    package var path: String
    /// The names and values of the query, decoded, in any order.
    package var query: [(name: String, value: String)]
    /// The headers to sign, in the order they are sent; `host` must be among them.
    package var headers: [(name: String, value: String)]
    /// The body's SHA-256 in lower-case hex, or one of the words that stand for it.
    package var payloadHash: String

    /// Makes a request.
    package init(
        method: String,
        path: String,
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)],
        payloadHash: String
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadHash = payloadHash
    }

    /// The header names that are signed: in lower case, sorted, with ";" between them.
    package var signedHeaders: String { self.canonicalHeaders.map(\.name).joined(separator: ";") }

    /// The canonical request, which the signature is of.
    package func canonical(path rule: PathRule) -> String {
        var lines = [self.method, rule.canonical(self.path), self.canonicalQuery]
        for header in self.canonicalHeaders { lines.append("\(header.name):\(header.value)") }
        lines += ["", self.signedHeaders, self.payloadHash]
        return lines.joined(separator: "\n")
    }

    /// The query as it is signed, which is also how it must be sent.
    package var canonicalQuery: String {
        self.query.map { (name: URIEncoding.encode($0.name), value: URIEncoding.encode($0.value)) }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// Each name once, in order, with all its values in the order they are sent.
    private var canonicalHeaders: [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in self.headers {
            values[header.name.lowercased(), default: []].append(Self.trimmed(header.value))
        }
        return values.map { (name: $0.key, value: $0.value.joined(separator: ",")) }.sorted { $0.name < $1.name }
    }

    /// A value without white space at its ends, and with one space for each run of it within.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " ")
    }
}
