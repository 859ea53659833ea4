/// A piece of a stream on its way from thread to thread.
///
/// The memory is used again and again: a block is filled, handed on, emptied and given back to its ``BlockPool``.
struct Block: Sendable {
    /// How many bytes of a stream are compressed as one.
    static let contentSize = 512 << 10
    /// The memory of a block: enough for the contents, also where they do not compress.
    static let capacity = Block.contentSize + (16 << 10)

    private var memory = [UInt8](repeating: 0, count: Block.capacity)
    /// How many bytes are in use, from the start.
    private(set) var count = 0
    /// Where in the compressed stream the block, or what it was made of, begins; for messages.
    var offset: Int64 = 0

    /// Lends the bytes in use.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.memory.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0.prefix(self.count))) }
    }

    /// Lets the body fill memory behind the bytes in use, and takes into use as many as it says.
    ///
    /// - Parameter end: Up to where the memory is lent, at most ``capacity``.
    mutating func fill(to end: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        let start = self.count
        self.count += try self.memory.withUnsafeMutableBytes {
            try body(UnsafeMutableRawBufferPointer(rebasing: $0[start..<end]))
        }
    }

    /// Takes as many bytes as there is room for up to the size of contents.
    ///
    /// - Returns: How many were taken.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.contentSize - self.count))
        if part.isEmpty { return 0 }
        self.fill(to: Self.contentSize) {
            $0.copyMemory(from: part)
            return part.count
        }
        return part.count
    }

    /// Takes bytes behind a place out of use, and gives them.
    mutating func split(at place: Int) -> [UInt8] {
        let rest = Array(self.memory[place..<self.count])
        self.count = place
        return rest
    }

    /// Empties the block.
    mutating func clear() {
        self.count = 0
        self.offset = 0
    }
}
