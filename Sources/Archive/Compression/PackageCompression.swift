/// How a package, or another stream, is compressed.
package enum PackageCompression: String, Codable, Sendable, CaseIterable {
    /// gzip by ISA-L at level 1, in independent members of 512 KiB; every `gzip -d` reads it. (RFC 1952)
    case gzip
    /// One frame by libzstd at level 1 with a checksum; every `zstd -d` reads it. (RFC 8878)
    case zstd

    /// How the name of a compressed tar ends, without the leading dot.
    package var fileExtension: String { "tar." + self.streamExtension }

    /// How the name of a compressed stream of another kind ends, without the leading dot.
    package var streamExtension: String {
        switch self {
        case .gzip: "gz"
        case .zstd: "zst"
        }
    }

    /// Recognises a stream by its first bytes.
    init?(magic: some Collection<UInt8>) {
        if magic.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }
}
