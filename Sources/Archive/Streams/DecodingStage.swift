/// One lane of reading: decompresses with what the stream's format needs, and says what is wrong with the stream.
final class DecodingStage: BlockCoder {
    private let expected: ExpectedStream
    private let pool: BlockPool
    private let progress: SourceProgress
    private var decoder: (any BlockCoder)?

    init(expected: ExpectedStream, pool: BlockPool, progress: SourceProgress) {
        self.expected = expected
        self.pool = pool
        self.progress = progress
    }

    func code(_ block: Block, emit: (Block) throws -> Void) throws {
        let decoder = self.decoder ?? self.progress.format?.decoder(pool: self.pool)
        self.decoder = decoder
        try self.explain(at: block.offset) { try decoder?.code(block, emit: emit) }
    }

    func finish(emit: (Block) throws -> Void) throws {
        try self.explain(at: self.progress.position) { try self.decoder?.finish(emit: emit) }
    }

    private func explain(at position: Int64, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch StreamDamage.truncated {
            throw self.expected.truncated(after: self.progress.position)
        } catch StreamDamage.trailing {
            throw self.expected.trailing(at: position)
        } catch StreamDamage.corrupt(let cause) {
            throw self.expected.corrupt(at: position, cause: cause)
        }
    }
}
