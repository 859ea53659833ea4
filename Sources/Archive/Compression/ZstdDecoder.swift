import CZstd
import Failures

/// Decompresses zstd frames, one behind the other; libzstd checks their checksums.
final class ZstdDecoder: BlockCoder {
    private let pool: BlockPool
    private let context = ZSTD_createDCtx()
    private var frames = 0
    /// Whether the last frame was read to its end.
    private var isAtEnd = true

    init(pool: BlockPool) { self.pool = pool }

    deinit { ZSTD_freeDCtx(self.context) }

    /// - Throws: ``StreamDamage``.
    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        try block.withBytes { bytes in
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var isFull = false
            while input.pos < input.size || isFull {
                var contents = self.pool.take()
                contents.offset = block.offset
                try contents.fill(to: Block.contentSize) { try self.decompress(&input, into: $0) }
                isFull = contents.count == Block.contentSize && !self.isAtEnd
                if contents.count > 0 { try emit(contents) } else { self.pool.give(contents) }
            }
        }
        self.pool.give(block)
    }

    func finish(emit: (Block) throws -> Void) throws {
        guard self.isAtEnd, self.frames > 0 else { throw StreamDamage.truncated }
    }

    private func decompress(_ input: inout ZSTD_inBuffer, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        let isBetween = self.isAtEnd
        var output = ZSTD_outBuffer(dst: memory.baseAddress, size: memory.count, pos: 0)
        let rest = ZSTD_decompressStream(self.context, &output, &input)
        if ZSTD_isError(rest) != 0 {
            if isBetween, self.frames > 0, ZSTD_getErrorCode(rest) == ZSTD_error_prefix_unknown {
                throw StreamDamage.trailing
            }
            throw StreamDamage.corrupt(String(cString: ZSTD_getErrorName(rest)))
        }
        self.isAtEnd = rest == 0
        if self.isAtEnd { self.frames += 1 }
        return output.pos
    }
}
