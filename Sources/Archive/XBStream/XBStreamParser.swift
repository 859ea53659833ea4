import CISAL
import Failures

/// Reads an xbstream as it passes, and proves it: every payload by its CRC-32, every file by its end.
///
/// It does no input or output. A path that could lead elsewhere is refused before any byte of what follows it is taken,
/// so that bytes which were taken may be given to a program that trusts them. The format has no end of its own: where a
/// stream was cut between two files only its length and digests tell.
package struct XBStreamParser {
    private struct File {
        /// Where the next bytes go.
        var offset: Int64 = 0
        var size: Int64 = 0
        var isEnded = false
        /// After a chunk with holes the next offset is not told by the lengths alone.
        var hasHoles = false
    }

    private struct Payload {
        let path: String
        var rest: Int64
        let expected: UInt32
        var checksum: UInt32 = 0
        /// The bytes of a map of holes, which come first, still to be taken.
        var mapRest = 0
        let isKept: Bool
    }

    /// More than this is not kept of a file.
    private static let keepLimit: Int64 = 1 << 20

    private let name: String
    private let dialect: XBStreamDialect
    private let keeps: @Sendable (String) -> Bool
    private var header: [UInt8] = []
    private var payload: Payload?
    private var files: [String: File] = [:]
    private var kept: [String: [UInt8]] = [:]
    private var bytes: Int64 = 0

    /// Prepares to read a stream.
    ///
    /// - Parameters:
    ///   - name: What to call the stream in messages.
    ///   - keeps: Which files' contents are to be kept; they may have a mebibyte at the most.
    package init(
        name: String,
        dialect: XBStreamDialect,
        keeps: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.name = name
        self.dialect = dialect
        self.keeps = keeps
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `Failure` of class `integrity` that names the place.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = try self.payload == nil ? self.takeHeader(rest) : self.takePayload(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            self.bytes += Int64(count)
        }
    }

    /// Ends the stream.
    ///
    /// - Throws: `Failure` of class `integrity` when it breaks off, or a file's end did not come.
    package mutating func finish() throws -> XBStreamContents {
        guard self.header.isEmpty, self.payload == nil else { throw self.damage("breaks off") }
        if let open = self.files.filter({ !$0.value.isEnded }).keys.min() {
            throw self.damage("has no end of \"\(open)\"")
        }
        guard !self.files.isEmpty else { throw self.damage("has no files") }
        return XBStreamContents(files: self.files.mapValues(\.size), kept: self.kept, bytes: self.bytes)
    }

    private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        do {
            let missing = try XBStreamHeader.size(self.header, self.dialect) - self.header.count
            let count = min(missing, bytes.count)
            self.header += bytes[..<count]
            guard try XBStreamHeader.size(self.header, self.dialect) == self.header.count else { return count }
            try self.begin(try XBStreamHeader(self.header, self.dialect))
            self.header.removeAll(keepingCapacity: true)
            return count
        } catch let objection as XBStreamHeader.Objection {
            throw self.damage("has \(objection.text)")
        }
    }

    private mutating func begin(_ header: XBStreamHeader) throws {
        let path = header.path
        var file = self.files[path] ?? File()
        if file.isEnded {
            guard header.rewrites, header.kind != .end else { throw self.damage("has \"\(path)\" twice") }
            file = File()
            self.kept[path] = nil
        }
        switch header.kind {
        case .end: file.isEnded = true
        case .seek(let offset): file.offset = offset
        case .payload(let length, let offset, let checksum):
            guard offset == file.offset || file.hasHoles else {
                throw self.damage("goes on at \(offset) in \"\(path)\", and not at \(file.offset)")
            }
            file.offset = offset + length
            file.size = max(file.size, file.offset)
            self.payload = Payload(path: path, rest: length, expected: checksum, isKept: self.keeps(path))
        case .sparse(let holes, let length, let offset, let checksum):
            file.hasHoles = true
            file.size = max(file.size, offset + length)
            self.payload = Payload(path: path, rest: length, expected: checksum, mapRest: 8 * holes, isKept: false)
        }
        self.files[path] = file
        try self.endIfComplete()
    }

    private mutating func takePayload(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        guard var payload = self.payload else { return 0 }
        // The map of holes is under the checksum too.
        let isMap = payload.mapRest > 0
        let count = Int(min(isMap ? Int64(payload.mapRest) : payload.rest, Int64(bytes.count)))
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        payload.checksum = crc32_gzip_refl(payload.checksum, part.baseAddress, UInt64(count))
        if isMap {
            payload.mapRest -= count
        } else {
            payload.rest -= Int64(count)
            if payload.isKept { try self.keep(part, of: payload.path) }
        }
        self.payload = payload
        try self.endIfComplete()
        return count
    }

    private mutating func endIfComplete() throws {
        guard let payload = self.payload, payload.rest == 0, payload.mapRest == 0 else { return }
        guard payload.checksum == payload.expected else {
            throw self.damage("is corrupt in \"\(payload.path)\"", cause: "a checksum does not fit")
        }
        self.payload = nil
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, of path: String) throws {
        guard Int64(self.kept[path]?.count ?? 0) + Int64(bytes.count) <= Self.keepLimit else {
            throw self.damage("has more in \"\(path)\" than such a file can hold")
        }
        self.kept[path, default: []] += bytes
    }

    private func damage(_ what: String, cause: String? = nil) -> Failure {
        Failure(
            .integrity,
            "Stream \(self.name) \(what), around byte \(self.bytes)",
            cause: cause,
            hint: "Do not use this copy; use another copy or another backup."
        )
    }
}
