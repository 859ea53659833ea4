import Failures
import Foundation
import Signing
import Testing

/// The published header-signing cases of awslabs/aws-c-auth.
///
/// They are for a service named "service", which encodes paths twice, and most of them normalise paths. S3 does
/// neither; the documentation's examples are for S3. The cases whose result depends on the path's rule, and so do not
/// apply to S3, are in ``notForS3``; all cases are run, each with the rule that its context names.
@Suite("The published signing vectors")
struct VectorTests {
    private struct Context: Decodable {
        struct Account: Decodable {
            let accessKeyId: String
            let secretAccessKey: String
            let token: String?
        }

        let credentials: Account
        let normalize: Bool
        let signBody: Bool
        let omitSessionToken: Bool?
        let region: String
        let service: String
        let timestamp: String
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/vectors/sigv4").standardized.path

    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/context.json") }.sorted()

    /// The cases that S3's own rule for paths answers differently, with the reason.
    static let notForS3 = [
        "get-relative-normalized": "S3 does not resolve ..",
        "get-relative-relative-normalized": "S3 does not resolve ..",
        "get-slash-dot-slash-normalized": "S3 does not resolve .",
        "get-slash-normalized": "S3 does not merge slashes",
        "get-slash-pointless-dot-normalized": "S3 does not resolve .",
        "get-slashes-normalized": "S3 does not merge slashes",
    ]

    @Test("all 38 cases are there", .enabled(if: !names.isEmpty, "the vectors are not beside the repository"))
    func count() { #expect(Self.names.count == 38) }

    @Test("canonical request, string to sign and signature", arguments: names)
    func vector(_ name: String) throws {
        let (context, request) = try Self.load(name)
        let rule: PathRule = context.normalize ? .normalizedAndEncodedTwice : .encodedTwice
        let signer = Self.signer(context, rule)
        let date = try Date(context.timestamp, strategy: .iso8601)
        #expect(request.canonical(path: rule) == (try Self.text(name, "header-canonical-request.txt")))
        #expect(signer.stringToSign(for: request, at: date) == (try Self.text(name, "header-string-to-sign.txt")))
        #expect(signer.signature(of: request, at: date) == (try Self.text(name, "header-signature.txt")))
        let authorization = signer.authorization(for: request, at: date)
        #expect(try Self.text(name, "header-signed-request.txt").contains(authorization))
    }

    @Test("S3's rule for paths gives the same, but for the named cases", arguments: names)
    func ruleOfS3(_ name: String) throws {
        let (context, request) = try Self.load(name)
        // A client of S3 encodes a path when it makes the request, and signs it as it is sent.
        var sent = request
        sent.path = URIEncoding.encodePath(request.path)
        let date = try Date(context.timestamp, strategy: .iso8601)
        let isSame =
            try Self.signer(context, .asSent).signature(of: sent, at: date)
            == Self.text(name, "header-signature.txt")
        #expect(isSame == (Self.notForS3[name] == nil), "\(Self.notForS3[name] ?? "")")
    }

    private static func signer(_ context: Context, _ rule: PathRule) -> Signer {
        let account = context.credentials
        let credentials = Credentials(
            accessKey: account.accessKeyId,
            secretKey: Secret(account.secretAccessKey),
            sessionToken: account.token.map { Secret($0) }
        )
        return Signer(credentials: credentials, region: context.region, service: context.service, pathRule: rule)
    }

    private static func text(_ name: String, _ file: String) throws -> String {
        try String(contentsOfFile: "\(self.folder)/\(name)/\(file)", encoding: .utf8)
    }

    /// Reads a case, and adds to its request what a client adds before it signs.
    private static func load(_ name: String) throws -> (Context, SigningRequest) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let context = try decoder.decode(Context.self, from: Data(self.text(name, "context.json").utf8))
        var request = try self.parse(self.text(name, "request.txt"), signsBody: context.signBody)
        let date = try Date(context.timestamp, strategy: .iso8601)
        request.headers.append((name: "X-Amz-Date", value: Signer.timestamp(date)))
        if let token = context.credentials.token, context.omitSessionToken != true {
            request.headers.append((name: "X-Amz-Security-Token", value: token))
        }
        return (context, request)
    }

    private static func parse(_ text: String, signsBody: Bool) throws -> SigningRequest {
        let halves = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        var lines = halves[0].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = lines.removeFirst()
        let method = String(first.prefix { $0 != " " })
        let target = first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
        let question = target.firstIndex(of: "?")
        var headers: [(name: String, value: String)] = []
        for line in lines where !line.isEmpty {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append((name: last.name, value: last.value + "\n" + line))
            } else {
                let colon = try #require(line.firstIndex(of: ":"))
                headers.append((name: String(line[..<colon]), value: String(line[line.index(after: colon)...])))
            }
        }
        let body = halves.count > 1 ? String(halves[1]) : ""
        let hash = Signer.sha256(body.utf8)
        if signsBody { headers.append((name: "x-amz-content-sha256", value: hash)) }
        return SigningRequest(
            method: method,
            path: String(target[..<(question ?? target.endIndex)]),
            query: question.map { self.query(target[target.index(after: $0)...]) } ?? [],
            headers: headers,
            payloadHash: hash
        )
    }

    private static func query(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = halves.count > 1 ? halves[1] : ""
            return (name: halves[0].removingPercentEncoding ?? halves[0], value: value.removingPercentEncoding ?? value)
        }
    }
}
