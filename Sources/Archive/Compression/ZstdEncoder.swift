import CZstd
import Failures

/// One zstd frame with a checksum, compressed by libzstd at level 1 on threads of its own.
final class ZstdEncoder: BlockCoder {
    private let pool: BlockPool
    private let context: OpaquePointer?
    private let threads: Int
    private var isSetUp = false

    /// - Parameter threads: How many threads libzstd starts.
    init(pool: BlockPool, threads: Int) {
        self.pool = pool
        self.threads = threads
        self.context = ZSTD_createCCtx()
    }

    deinit { ZSTD_freeCCtx(self.context) }

    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        try block.withBytes { try self.compress($0, ZSTD_e_continue, emit) }
        self.pool.give(block)
    }

    func finish(emit: (Block) throws -> Void) throws {
        try self.compress(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end, emit)
    }

    private func setUp() throws {
        guard !self.isSetUp else { return }
        try Self.check(ZSTD_CCtx_setParameter(self.context, ZSTD_c_compressionLevel, 1))
        try Self.check(ZSTD_CCtx_setParameter(self.context, ZSTD_c_checksumFlag, 1))
        // A libzstd that was built without threads refuses this, and works on this thread.
        _ = ZSTD_CCtx_setParameter(self.context, ZSTD_c_nbWorkers, Int32(self.threads))
        self.isSetUp = true
    }

    private func compress(
        _ bytes: UnsafeRawBufferPointer,
        _ directive: ZSTD_EndDirective,
        _ emit: (Block) throws -> Void
    ) throws {
        try self.setUp()
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var rest = 1
        while directive == ZSTD_e_end ? rest > 0 : input.pos < input.size {
            var block = self.pool.take()
            try block.fill(to: Block.contentSize) { memory in
                var output = ZSTD_outBuffer(dst: memory.baseAddress, size: memory.count, pos: 0)
                rest = ZSTD_compressStream2(self.context, &output, &input, directive)
                try Self.check(rest)
                return output.pos
            }
            if block.count > 0 { try emit(block) } else { self.pool.give(block) }
        }
    }

    private static func check(_ code: Int) throws {
        guard ZSTD_isError(code) != 0 else { return }
        throw Failure(.internal, "Compression failed", cause: String(cString: ZSTD_getErrorName(code)))
    }
}
