import Glibc

/// Bytes that are all zero.
enum Zeros {
    /// Whether there is nothing but zeros.
    static func fill(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, let first = bytes.first else { return true }
        // Each byte equals the one before it: memcmp does that faster than any loop.
        return first == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }
}
