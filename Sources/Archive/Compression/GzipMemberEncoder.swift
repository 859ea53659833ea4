import CISAL
import Failures

/// Turns each block into a gzip member, compressed by ISA-L at level 1.
final class GzipMemberEncoder: BlockCoder {
    /// `ISAL_DEF_LVL1_DEFAULT` of igzip_lib.h (ISAL_DEF_LVL1_LARGE), a macro Swift does not import.
    private static let levelBufferSize = 4 * 1024 + 2 * 8 * 1024 + 4 * 64 * 1024

    private let pool: BlockPool
    private let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
    private let levelBuffer = UnsafeMutablePointer<UInt8>.allocate(capacity: GzipMemberEncoder.levelBufferSize)

    init(pool: BlockPool) {
        self.pool = pool
        self.levelBuffer.initialize(repeating: 0, count: Self.levelBufferSize)
    }

    deinit {
        self.stream.deallocate()
        self.levelBuffer.deallocate()
    }

    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        var member = self.pool.take()
        try block.withBytes { contents in
            try member.fill(to: Block.capacity - GzipMember.headerSize) { memory in
                let body = UnsafeMutableRawBufferPointer(rebasing: memory[GzipMember.headerSize...])
                let length = try GzipMember.headerSize + self.deflate(contents, into: body)
                GzipMember.writeHeader(length: length, into: memory)
                return length
            }
        }
        self.pool.give(block)
        try emit(member)
    }

    /// Writes deflated bytes and the trailer.
    ///
    /// - Returns: Their length.
    private func deflate(_ bytes: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        isal_deflate_stateless_init(self.stream)
        self.stream.pointee.level = 1
        self.stream.pointee.level_buf = self.levelBuffer
        self.stream.pointee.level_buf_size = UInt32(Self.levelBufferSize)
        self.stream.pointee.gzip_flag = UInt16(IGZIP_GZIP_NO_HDR)
        self.stream.pointee.end_of_stream = 1
        // ISA-L only reads through this pointer; its type lacks the const.
        self.stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        self.stream.pointee.avail_in = UInt32(bytes.count)
        self.stream.pointee.next_out = memory.bindMemory(to: UInt8.self).baseAddress
        self.stream.pointee.avail_out = UInt32(memory.count)
        let status = isal_deflate_stateless(self.stream)
        guard status == COMP_OK else { throw Failure(.internal, "Compression failed", cause: "ISA-L \(status)") }
        return memory.count - Int(self.stream.pointee.avail_out)
    }
}
