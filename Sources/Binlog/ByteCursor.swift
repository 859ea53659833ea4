import Failures

/// Reads little-endian fields out of an event's bytes and never past their end.
///
/// Its failures say only what is wrong; whoever knows the file and the offset adds them.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// How many bytes are left.
    var remaining: Int { self.bytes.count - self.offset }

    /// Reads an unsigned integer of the type's own width.
    mutating func read<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value {
        let raw = try self.take(MemoryLayout<Value>.size)
        return Value(littleEndian: raw.loadUnaligned(as: Value.self))
    }

    /// Takes the next bytes, which stay valid as long as the cursor's own.
    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= self.remaining else {
            throw Failure(.integrity, "\(count) bytes are expected and \(self.remaining) are left in the event")
        }
        defer { self.offset += count }
        return UnsafeRawBufferPointer(rebasing: self.bytes[self.offset..<(self.offset + count)])
    }

    /// Takes all bytes that are left.
    mutating func takeRest() -> UnsafeRawBufferPointer {
        defer { self.offset = self.bytes.count }
        return UnsafeRawBufferPointer(rebasing: self.bytes[self.offset...])
    }

    /// Reads two big-endian halves, as UUIDs are stored.
    mutating func readUUIDHalves() throws -> (UInt64, UInt64) {
        (try self.read(UInt64.self).byteSwapped, try self.read(UInt64.self).byteSwapped)
    }

    /// Reads an unsigned integer of 1 to 9 bytes.
    ///
    /// The first byte's trailing ones tell how many bytes follow; the value is in the bits above the zero that ends
    /// them, and in the following bytes (MySQL: libs/mysql/serialization, "Variable-length integers").
    mutating func readVariableLength() throws -> UInt64 {
        let first: UInt8 = try self.read()
        let following = (~first).trailingZeroBitCount
        let rest = try self.take(following)
        var high: UInt64 = 0
        for (index, byte) in rest.enumerated() { high |= UInt64(byte) << UInt64(8 * index) }
        // With 8 bytes following the first one is all ones and holds no part of the value.
        if following == 8 { return high }
        return high << UInt64(7 - following) | UInt64(first) >> UInt64(following + 1)
    }

    /// Reads a signed integer of 1 to 9 bytes, whose lowest bit is the sign (MySQL: libs/mysql/serialization).
    mutating func readSignedVariableLength() throws -> Int64 {
        let encoded = try self.readVariableLength()
        let magnitude = Int64(bitPattern: encoded >> 1)
        return encoded & 1 == 0 ? magnitude : ~magnitude
    }
}
