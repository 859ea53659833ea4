import CISAL

/// Inflates a gzip member of ours, a whole one at a time; ISA-L checks its CRC-32 and ISIZE.
final class GzipMemberDecoder: BlockCoder {
    private let pool: BlockPool
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

    init(pool: BlockPool) { self.pool = pool }

    deinit { self.state.deallocate() }

    /// - Throws: ``StreamDamage``.
    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        var contents = self.pool.take()
        contents.offset = block.offset
        try block.withBytes { member in
            try contents.fill(to: Block.contentSize) { try self.inflate(member, into: $0) }
        }
        self.pool.give(block)
        try emit(contents)
    }

    /// Inflates what stands behind the header, up to the end of the member.
    ///
    /// - Returns: The length of the contents.
    private func inflate(_ member: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        let body = UnsafeRawBufferPointer(rebasing: member[GzipMember.headerSize...])
        isal_inflate_init(self.state)
        self.state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
        // ISA-L only reads through this pointer; its type lacks the const.
        self.state.pointee.next_in = UnsafeMutablePointer(mutating: body.bindMemory(to: UInt8.self).baseAddress)
        self.state.pointee.avail_in = UInt32(body.count)
        self.state.pointee.next_out = memory.bindMemory(to: UInt8.self).baseAddress
        self.state.pointee.avail_out = UInt32(memory.count)
        let status = isal_inflate_stateless(self.state)
        guard status == ISAL_DECOMP_OK else { throw StreamDamage.corrupt(InflateStatus.describe(status)) }
        guard self.state.pointee.avail_in == 0, self.state.pointee.read_in_length < 8 else {
            throw StreamDamage.corrupt("the member is shorter than its header says")
        }
        return Int(self.state.pointee.total_out)
    }
}
