import CISAL

/// Inflates gzip members of any kind, one behind the other; ISA-L checks the CRC-32 and ISIZE of each.
final class GzipDecoder: BlockCoder {
    private let pool: BlockPool
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    /// Whether the last member was read to its end and its checksum is right.
    private var isAtEnd = false
    private var members = 0
    /// Whether nothing came out of the present member yet.
    private var isAtStart = true

    init(pool: BlockPool) {
        self.pool = pool
        isal_inflate_init(self.state)
        self.state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    deinit { self.state.deallocate() }

    /// - Throws: ``StreamDamage``.
    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        try block.withBytes { bytes in
            // ISA-L only reads through this pointer; its type lacks the const.
            self.state.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            self.state.pointee.avail_in = UInt32(bytes.count)
            while try self.beginMember() {
                var contents = self.pool.take()
                contents.offset = block.offset
                let isFull = try self.inflate(into: &contents)
                if contents.count > 0 { try emit(contents) } else { self.pool.give(contents) }
                if !isFull, !self.isAtEnd { break }
            }
        }
        self.pool.give(block)
    }

    func finish(emit: (Block) throws -> Void) throws { guard self.isAtEnd else { throw StreamDamage.truncated } }

    /// Makes ready for the next member where one ended.
    ///
    /// - Returns: False when there is no input for it.
    private func beginMember() throws -> Bool {
        guard self.isAtEnd else { return true }
        guard self.state.pointee.avail_in > 0 else { return false }
        guard self.state.pointee.next_in.pointee == 0x1F else { throw StreamDamage.trailing }
        isal_inflate_reset(self.state)
        self.isAtEnd = false
        self.isAtStart = true
        self.members += 1
        return true
    }

    /// Inflates what fits.
    ///
    /// - Returns: Whether the block is full, so that there may be more.
    private func inflate(into contents: inout Block) throws -> Bool {
        try contents.fill(to: Block.contentSize) { memory in
            self.state.pointee.next_out = memory.bindMemory(to: UInt8.self).baseAddress
            self.state.pointee.avail_out = UInt32(memory.count)
            let status = isal_inflate(self.state)
            let count = memory.count - Int(self.state.pointee.avail_out)
            if status < 0 {
                let isFirst = self.members == 0 || !self.isAtStart || status != ISAL_INVALID_WRAPPER
                throw isFirst ? StreamDamage.corrupt(InflateStatus.describe(status)) : .trailing
            }
            if count > 0 { self.isAtStart = false }
            self.isAtEnd = self.state.pointee.block_state == ISAL_BLOCK_FINISH
            return count
        }
        return self.state.pointee.avail_out == 0
    }
}
