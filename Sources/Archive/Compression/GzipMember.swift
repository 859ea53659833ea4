/// The header that our gzip members have: it says how long the member is, so that a reader finds the next one without
/// inflating this one, and members can be inflated side by side.
///
/// The length stands in a subfield "DL" of the header's extra field, which other readers skip (RFC 1952, 2.3.1.1).
/// Time, name and system are left out: nothing in a member depends on when and where it was made. ISA-L 2.30 compresses
/// the same bytes a little differently now and then, once in thousands of members; what comes out is right each time.
enum GzipMember {
    /// The length of the header, in bytes.
    static let headerSize = 20
    /// The length of the trailer, CRC-32 and ISIZE, in bytes.
    static let trailerSize = 8

    /// ID1 ID2 CM FLG(FEXTRA), MTIME 0, XFL 4 (fastest), OS 255 (unknown), XLEN 8, SI1 SI2, LEN 4; the length follows.
    private static let start: [UInt8] = [
        0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 4, 255, 8, 0, UInt8(ascii: "D"), UInt8(ascii: "L"), 4, 0,
    ]

    /// Writes the header of a member that has the length, in bytes, with header and trailer.
    static func writeHeader(length: Int, into memory: UnsafeMutableRawBufferPointer) {
        memory.copyBytes(from: Self.start)
        memory.storeBytes(of: UInt32(length).littleEndian, toByteOffset: Self.start.count, as: UInt32.self)
    }

    /// The length of the member that begins with the bytes, or nil when they are not such a header, or its length is
    /// none that we write.
    static func length(_ header: UnsafeRawBufferPointer) -> Int? {
        guard header.count >= Self.headerSize, header.starts(with: Self.start) else { return nil }
        let length = Int(UInt32(littleEndian: header.loadUnaligned(fromByteOffset: Self.start.count, as: UInt32.self)))
        // A length is believed only as far as a block reaches, with the next header behind it.
        let allowed = Self.headerSize + Self.trailerSize...Block.capacity - Self.headerSize
        return allowed.contains(length) ? length : nil
    }
}
