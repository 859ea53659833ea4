import Failures
import Foundation
import Signing
import Testing

/// The examples of AWS's documentation, "Signature Calculations for the Authorization Header".
@Suite("Signatures of S3 requests, as AWS documents them")
struct DocumentationTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let method: String
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body = ""
        let signature: String
    }

    static let examples = [
        Example(
            testDescription: "GET object with a range",
            method: "GET",
            path: "/test.txt",
            headers: [(name: "Range", value: "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        Example(
            testDescription: "PUT object",
            method: "PUT",
            path: "/" + URIEncoding.encodePath("test$file.text"),
            headers: [
                (name: "Date", value: "Fri, 24 May 2013 00:00:00 GMT"),
                (name: "x-amz-storage-class", value: "REDUCED_REDUNDANCY"),
            ],
            body: "Welcome to Amazon S3.",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        Example(
            testDescription: "GET bucket lifecycle",
            method: "GET",
            query: [(name: "lifecycle", value: "")],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        Example(
            testDescription: "GET bucket, listing objects",
            method: "GET",
            query: [(name: "max-keys", value: "2"), (name: "prefix", value: "J")],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]

    private static let credentials = Credentials(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    )

    @Test("the signature is the documented one", arguments: examples)
    func signature(_ example: Example) throws {
        let date = try Date("2013-05-24T00:00:00Z", strategy: .iso8601)
        let hash = Signer.sha256(example.body.utf8)
        let request = SigningRequest(
            method: example.method,
            path: example.path,
            query: example.query,
            headers: example.headers + [
                (name: "Host", value: "examplebucket.s3.amazonaws.com"),
                (name: "x-amz-content-sha256", value: hash),
                (name: "x-amz-date", value: Signer.timestamp(date)),
            ],
            payloadHash: hash
        )
        let signer = Signer(credentials: Self.credentials, region: "us-east-1")
        #expect(signer.signature(of: request, at: date) == example.signature)
        let authorization = signer.authorization(for: request, at: date)
        #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"))
        #expect(authorization.hasSuffix(", Signature=" + example.signature))
    }

    @Test("neither credentials nor a signer show a secret")
    func redaction() {
        let credentials = Credentials(accessKey: "AK", secretKey: Secret("hush"), sessionToken: Secret("whisper"))
        let signer = Signer(credentials: credentials, region: "us-east-1")
        var dumped = ""
        dump(signer, to: &dumped)
        for text in ["\(credentials)", "\(signer)", String(reflecting: signer), dumped] {
            #expect(!text.contains("hush") && !text.contains("whisper"))
        }
    }

    @Test("keys are encoded once, byte by byte")
    func encoding() {
        #expect(URIEncoding.encodePath("a b/ü+%/~._-") == "a%20b/%C3%BC%2B%25/~._-")
        #expect(URIEncoding.encode("a/b=c&d") == "a%2Fb%3Dc%26d")
    }
}
