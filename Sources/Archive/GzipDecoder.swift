import CISAL

/// One gzip member, inflated by ISA-L, which checks its CRC-32 and ISIZE.
final class GzipDecoder {
    /// Why inflating stopped.
    enum Damage: Error {
        /// The input ended before the member did.
        case truncated
        /// The input is not a gzip member, or not the one that was written.
        case corrupt(String)
    }

    private static let outputSize = 1 << 20

    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    private let output = UnsafeMutablePointer<UInt8>.allocate(capacity: GzipDecoder.outputSize)
    /// Whether the member was read to its end and its checksum is right.
    private(set) var isAtEnd = false

    init() {
        isal_inflate_init(self.state)
        self.state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    deinit {
        self.state.deallocate()
        self.output.deallocate()
    }

    /// Whether input follows the end of the member.
    var hasTrailingInput: Bool { self.state.pointee.avail_in > 0 || self.state.pointee.read_in_length >= 8 }

    /// Inflates up to 1 MiB.
    ///
    /// - Parameter pull: Gives more input, which must stay valid until the next call of it; empty at its end.
    /// - Returns: The output, valid until the next call; empty at the end of the member.
    /// - Throws: ``Damage``, and what `pull` throws.
    func next(pull: () throws -> UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
        guard !self.isAtEnd else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        self.state.pointee.next_out = self.output
        self.state.pointee.avail_out = UInt32(Self.outputSize)
        while self.state.pointee.avail_out > 0, !self.isAtEnd {
            let before = (self.state.pointee.avail_in, self.state.pointee.avail_out)
            let status = isal_inflate(self.state)
            guard status >= 0 else { throw Damage.corrupt(Self.describe(status)) }
            self.isAtEnd = self.state.pointee.block_state == ISAL_BLOCK_FINISH
            if self.isAtEnd || self.state.pointee.avail_out == 0 { break }
            if self.state.pointee.avail_in == 0 {
                try self.refill(from: pull)
            } else if before == (self.state.pointee.avail_in, self.state.pointee.avail_out) {
                throw Damage.corrupt("the decoder makes no progress")
            }
        }
        let count = Self.outputSize - Int(self.state.pointee.avail_out)
        return UnsafeRawBufferPointer(start: self.output, count: count)
    }

    private func refill(from pull: () throws -> UnsafeRawBufferPointer) throws {
        let input = try pull()
        guard !input.isEmpty else { throw Damage.truncated }
        // ISA-L only reads through this pointer; its type lacks the const.
        let start = input.bindMemory(to: UInt8.self).baseAddress
        self.state.pointee.next_in = UnsafeMutablePointer(mutating: start)
        self.state.pointee.avail_in = UInt32(input.count)
    }

    /// The names of igzip_lib.h for its return values, in words.
    private static func describe(_ status: Int32) -> String {
        switch status {
        case ISAL_INVALID_BLOCK: "invalid deflate block"
        case ISAL_INVALID_SYMBOL: "invalid deflate symbol"
        case ISAL_INVALID_LOOKBACK: "invalid deflate distance"
        case ISAL_INVALID_WRAPPER: "invalid gzip header"
        case ISAL_UNSUPPORTED_METHOD: "unknown gzip compression method"
        case ISAL_INCORRECT_CHECKSUM: "the gzip CRC-32 or length differs"
        default: "ISA-L \(status)"
        }
    }
}
