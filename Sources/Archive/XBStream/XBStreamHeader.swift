/// The head of one chunk of an xbstream: everything but its payload; all numbers are little endian.
///
/// Eight bytes of magic, flags, type, the length of the path in four bytes, the path; what follows depends on the type.
/// (Percona XtraBackup, "xbstream format"; MariaDB, extra/mariabackup/xbstream.h.)
struct XBStreamHeader {
    /// What a chunk is.
    enum Kind: Equatable {
        /// Bytes of a file: length and offset in eight bytes each, the CRC-32 of the bytes, the bytes.
        case payload(length: Int64, offset: Int64, checksum: UInt32)
        /// XtraBackup's bytes with holes: the number of holes in four bytes, then as a payload; the map of the holes,
        /// eight bytes each, stands before the bytes, and the checksum is over both.
        case sparse(holes: Int, length: Int64, offset: Int64, checksum: UInt32)
        /// mariadb-backup's place where the next bytes go, in eight bytes.
        case seek(Int64)
        /// The file is complete.
        case end
    }

    static let magic = Array("XBSTCK01".utf8)
    /// Magic, flags, type, the length of the path.
    static let fixedSize = 14
    /// The flag of a payload that begins a file anew which has had its end (mariadb-backup).
    private static let rewriteFlag: UInt8 = 2
    /// More holes than any chunk can have; it bounds the memory that a damaged one can cost.
    static let holeLimit = 1 << 20

    let path: String
    let rewrites: Bool
    let kind: Kind

    /// How many bytes the header has, as far as the ones at hand tell.
    ///
    /// - Throws: `Objection` as soon as it is clear that this is no header.
    static func size(_ bytes: [UInt8], _ dialect: XBStreamDialect) throws -> Int {
        let known = min(bytes.count, Self.magic.count)
        guard bytes[..<known].elementsEqual(Self.magic[..<known]) else { throw Objection("no chunk begins there") }
        guard bytes.count >= Self.fixedSize else { return Self.fixedSize }
        let pathSize = Int(Self.number(bytes, Self.fixedSize - 4, 4))
        guard (1...4095).contains(pathSize) else { throw Objection("a path of \(pathSize) bytes") }
        let head = Self.fixedSize + pathSize
        switch (bytes[9], dialect) {
        case (UInt8(ascii: "P"), _): return head + 20
        case (UInt8(ascii: "E"), _): return head
        case (UInt8(ascii: "S"), .mariadb): return head + 8
        case (UInt8(ascii: "S"), .percona): return head + 24
        default: throw Objection("a chunk of the unknown type \(bytes[9])")
        }
    }

    /// Reads a header that is complete.
    init(_ bytes: [UInt8], _ dialect: XBStreamDialect) throws {
        let place = Self.fixedSize + Int(Self.number(bytes, Self.fixedSize - 4, 4))
        guard let path = String(validating: bytes[Self.fixedSize..<place], as: UTF8.self) else {
            throw Objection("a path that is not text")
        }
        // Some versions of XtraBackup begin every path with "./".
        let plain = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        if let objection = EntryPath.objection(to: plain) {
            throw Objection("an entry \"\(path)\" that is refused: \(objection)")
        }
        self.path = plain
        self.rewrites = dialect == .mariadb && bytes[8] & Self.rewriteFlag != 0
        switch (bytes[9], dialect) {
        case (UInt8(ascii: "P"), _):
            self.kind = .payload(
                length: try Self.size(bytes, place),
                offset: try Self.size(bytes, place + 8),
                checksum: UInt32(Self.number(bytes, place + 16, 4))
            )
        case (UInt8(ascii: "S"), .mariadb): self.kind = .seek(try Self.size(bytes, place))
        case (UInt8(ascii: "S"), .percona):
            let holes = Int(Self.number(bytes, place, 4))
            guard holes <= Self.holeLimit else { throw Objection("a chunk with \(holes) holes") }
            self.kind = .sparse(
                holes: holes,
                length: try Self.size(bytes, place + 4),
                offset: try Self.size(bytes, place + 12),
                checksum: UInt32(Self.number(bytes, place + 20, 4))
            )
        default: self.kind = .end
        }
    }

    /// Why bytes are not the stream that they should be, in words that follow "has".
    struct Objection: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
        bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A length or an offset: no file is longer than 2^62 bytes.
    private static func size(_ bytes: [UInt8], _ place: Int) throws -> Int64 {
        let number = Self.number(bytes, place, 8)
        guard number < 1 << 62 else { throw Objection("a length or an offset of \(number) bytes") }
        return Int64(number)
    }
}
