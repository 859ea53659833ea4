/// How the bytes of a stream that is read are laid out.
enum StreamFormat: Sendable {
    /// Gzip members that say how long they are.
    case members
    /// Gzip members of any other origin.
    case gzip
    case zstd

    /// Recognises a stream by its first bytes.
    init?(_ start: UnsafeRawBufferPointer) {
        switch PackageCompression(magic: start) {
        case .gzip: self = GzipMember.length(start) == nil ? .gzip : .members
        case .zstd: self = .zstd
        case nil: return nil
        }
    }

    /// Makes what reads it.
    func decoder(pool: BlockPool) -> any BlockCoder {
        switch self {
        case .members: GzipMemberDecoder(pool: pool)
        case .gzip: GzipDecoder(pool: pool)
        case .zstd: ZstdDecoder(pool: pool)
        }
    }
}
