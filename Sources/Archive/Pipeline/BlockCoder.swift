/// What a lane does to its blocks; made, used and let go of on the lane's own thread.
protocol BlockCoder: AnyObject {
    /// Turns a block into any number of blocks.
    func code(_ block: Block, emit: (Block) throws -> Void) throws
    /// Hands out what is left at the end.
    func finish(emit: (Block) throws -> Void) throws
}

extension BlockCoder {
    func finish(emit: (Block) throws -> Void) throws {}
}
