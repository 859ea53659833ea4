import Failures
import Glibc

/// Writes a file in order, and leaves holes for long runs of zeros.
struct SparseFile {
    /// Zeros become a hole by whole cells, which lie at multiples of their size, so that a file is not cut to bits.
    static let cell = 64 << 10
    /// Where bytes come in pieces, so do cells; what is left of one is worth a hole from this size.
    private static let smallestHole = 4 << 10

    private let descriptor: Int32
    private let path: String
    private var offset: Int64 = 0
    private var isHoleAtEnd = false

    /// - Parameter path: For messages.
    init(_ descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Writes the next bytes.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        var start = 0
        var position = 0
        while position < bytes.count {
            let left = Self.cell - Int(self.offset + Int64(position)) % Self.cell
            let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<min(position + left, bytes.count)])
            if piece.count >= Self.smallestHole, Zeros.fill(piece) {
                try self.put(bytes, start..<position)
                start = position + piece.count
            }
            position += piece.count
        }
        try self.put(bytes, start..<bytes.count)
        self.isHoleAtEnd = start == bytes.count
        self.offset += Int64(bytes.count)
    }

    /// Gives the file its size, which a hole at its end does not.
    func finish() throws {
        guard self.isHoleAtEnd else { return }
        guard ftruncate(self.descriptor, off_t(self.offset)) == 0 else {
            throw Failure.file("set the size of", self.path, errno: errno)
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[range])
        var place = self.offset + Int64(range.lowerBound)
        while !rest.isEmpty {
            let count = pwrite(self.descriptor, rest.baseAddress, rest.count, off_t(place))
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.file("write to", self.path, errno: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            place += Int64(count)
        }
    }
}
