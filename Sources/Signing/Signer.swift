import Crypto
import Failures
package import Foundation

/// Signs requests as AWS Signature Version 4 wants it, with the signature in the Authorization header.
package struct Signer: Sendable {
    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The account that signs.
    package let credentials: Credentials
    /// The region that the signature counts for.
    package let region: String
    /// The service that the signature counts for.
    package let service: String
    /// How paths are signed.
    package let pathRule: PathRule

    /// Makes a signer; it signs for S3 unless told otherwise.
    package init(credentials: Credentials, region: String, service: String = "s3", pathRule: PathRule = .asSent) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.pathRule = pathRule
    }

    /// The Authorization header's value.
    ///
    /// - Parameters:
    ///   - request: The request, with its `x-amz-date` header among the signed ones.
    ///   - date: The time that header says.
    package func authorization(for request: SigningRequest, at date: Date) -> String {
        let credential = "\(self.credentials.accessKey)/\(self.scope(at: date))"
        return "\(Self.algorithm) Credential=\(credential), SignedHeaders=\(request.signedHeaders), "
            + "Signature=\(self.signature(of: request, at: date))"
    }

    /// The signature alone, in hex.
    package func signature(of request: SigningRequest, at date: Date) -> String {
        let key = self.signingKey(at: date)
        return Hex.string(Self.hmac(key, self.stringToSign(for: request, at: date)))
    }

    /// The text that the signature is of.
    package func stringToSign(for request: SigningRequest, at date: Date) -> String {
        let canonical = request.canonical(path: self.pathRule)
        let lines = [Self.algorithm, Self.timestamp(date), self.scope(at: date), Self.sha256(canonical.utf8)]
        return lines.joined(separator: "\n")
    }

    /// A time as the `x-amz-date` header has it: `20130524T000000Z`.
    package static func timestamp(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        )
    }

    /// The SHA-256 of some bytes, in lower-case hex.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(bytes))
        }
        return Hex.string(hash.finalize())
    }

    private func scope(at date: Date) -> String {
        "\(Self.timestamp(date).prefix(8))/\(self.region)/\(self.service)/aws4_request"
    }

    /// The key of one day, region and service.
    private func signingKey(at date: Date) -> SymmetricKey {
        var key = SymmetricKey(data: Array(("AWS4" + self.credentials.secretKey.reveal()).utf8))
        for part in [String(Self.timestamp(date).prefix(8)), self.region, self.service, "aws4_request"] {
            key = SymmetricKey(data: Self.hmac(key, part))
        }
        return key
    }

    private static func hmac(_ key: SymmetricKey, _ text: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }
}

/// Digests as lower-case hex.
package enum Hex {
    /// The digits of some bytes.
    package static func string(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
