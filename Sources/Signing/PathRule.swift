/// How a path goes into the canonical request.
package enum PathRule: Sendable {
    /// S3's rule: the path as it is sent. A key may well hold "//" or "..", and is encoded once only.
    case asSent
    /// The rule of other services whose paths are not normalised: each component encoded once more.
    case encodedTwice
    /// The rule of all other services: "." and ".." and empty components are resolved, and each is encoded once more.
    case normalizedAndEncodedTwice

    func canonical(_ path: String) -> String {
        switch self {
        case .asSent: path.isEmpty ? "/" : path
        case .encodedTwice: URIEncoding.encodePath(path.isEmpty ? "/" : path)
        case .normalizedAndEncodedTwice: URIEncoding.encodePath(Self.normalized(path))
        }
    }

    private static func normalized(_ path: String) -> String {
        var components: [Substring] = []
        for component in path.split(separator: "/") {
            switch component {
            case ".": continue
            case "..": _ = components.popLast()
            default: components.append(component)
            }
        }
        let isFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
        return "/" + components.joined(separator: "/") + (isFolder && !components.isEmpty ? "/" : "")
    }
}

/// Percent-encoding as signatures want it: every byte but letters, digits and "-._~", in upper-case hex.
package enum URIEncoding {
    /// Encodes a name or a value.
    package static func encode(_ text: String) -> String { self.encode(text, keeping: nil) }

    /// Encodes a path, whose "/" stay.
    package static func encodePath(_ path: String) -> String { self.encode(path, keeping: UInt8(ascii: "/")) }

    private static func encode(_ text: String, keeping kept: UInt8?) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if self.isUnreserved(byte) || byte == kept {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
