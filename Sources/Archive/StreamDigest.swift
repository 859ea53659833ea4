import Crypto

/// Digests as lower-case hex.
enum Hex {
    static func string(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SHA-256, SHA-1 and length of the bytes that pass.
struct StreamDigest {
    private(set) var bytes: Int64 = 0
    private var sha256 = SHA256()
    private var sha1 = Insecure.SHA1()

    /// Takes the next bytes into account.
    mutating func update(_ chunk: UnsafeRawBufferPointer) {
        self.bytes += Int64(chunk.count)
        self.sha256.update(bufferPointer: chunk)
        self.sha1.update(bufferPointer: chunk)
    }

    /// Length and digests of all bytes so far.
    var record: StreamRecord {
        StreamRecord(
            bytes: self.bytes,
            sha256: Hex.string(self.sha256.finalize()),
            sha1: Hex.string(self.sha1.finalize())
        )
    }
}

/// The SHA-256 of a few bytes in memory.
package enum Fingerprint {
    /// The digest in lower-case hex.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> String {
        Hex.string(SHA256.hash(data: Array(bytes)))
    }
}
