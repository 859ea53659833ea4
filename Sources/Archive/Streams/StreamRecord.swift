/// The length and the digests of a compressed stream, which prove every byte of it.
package struct StreamRecord: Codable, Sendable, Equatable {
    /// The length of the compressed stream, in bytes.
    package var bytes: Int64
    /// SHA-256 of the compressed stream, in lower-case hex.
    package var sha256: String
    /// SHA-1 of the compressed stream, in lower-case hex.
    package var sha1: String

    /// Makes a record from its parts.
    package init(bytes: Int64, sha256: String, sha1: String) {
        self.bytes = bytes
        self.sha256 = sha256
        self.sha1 = sha1
    }
}
