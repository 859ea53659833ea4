import CISAL
import Failures

/// One gzip member, compressed by ISA-L at level 1.
///
/// Format: RFC 1952. ISA-L writes header, CRC-32 and ISIZE itself; ISIZE is the length modulo 2^32, so members of more
/// than 4 GiB are as valid as small ones.
final class GzipEncoder {
    private static let outputSize = 1 << 20
    /// `ISAL_DEF_LVL1_DEFAULT` of igzip_lib.h (ISAL_DEF_LVL1_LARGE), a macro Swift does not import.
    private static let levelBufferSize = 4 * 1024 + 2 * 8 * 1024 + 4 * 64 * 1024

    private let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
    private let levelBuffer = UnsafeMutablePointer<UInt8>.allocate(capacity: GzipEncoder.levelBufferSize)
    private let output = UnsafeMutablePointer<UInt8>.allocate(capacity: GzipEncoder.outputSize)

    init() {
        isal_deflate_init(self.stream)
        self.stream.pointee.level = 1
        self.stream.pointee.level_buf = self.levelBuffer
        self.stream.pointee.level_buf_size = UInt32(Self.levelBufferSize)
        self.stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        self.stream.pointee.flush = UInt16(NO_FLUSH)
        self.stream.pointee.next_out = self.output
        self.stream.pointee.avail_out = UInt32(Self.outputSize)
    }

    deinit {
        self.stream.deallocate()
        self.levelBuffer.deallocate()
        self.output.deallocate()
    }

    /// Compresses bytes and hands out each full buffer of output; it is valid only during the call.
    func write(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        var rest = bytes
        while !rest.isEmpty {
            // The stream counts in 32 bits.
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            try self.deflate(part, isLast: false, emit: emit)
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
    }

    /// Ends the member and hands out what is left.
    func finish(emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try self.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, emit: emit)
        try self.flush(emit)
    }

    private func deflate(
        _ bytes: UnsafeRawBufferPointer,
        isLast: Bool,
        emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // ISA-L only reads through this pointer; its type lacks the const.
        let input = bytes.bindMemory(to: UInt8.self).baseAddress
        self.stream.pointee.next_in = UnsafeMutablePointer(mutating: input)
        self.stream.pointee.avail_in = UInt32(bytes.count)
        self.stream.pointee.end_of_stream = isLast ? 1 : 0
        while true {
            let status = isal_deflate(self.stream)
            guard status == COMP_OK else { throw Failure(.internal, "Compression failed", cause: "ISA-L \(status)") }
            if self.stream.pointee.avail_out == 0 {
                try self.flush(emit)
            } else if isLast ? self.isAtEnd : self.stream.pointee.avail_in == 0 {
                return
            }
        }
    }

    private var isAtEnd: Bool { self.stream.pointee.internal_state.state == ZSTATE_END }

    private func flush(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        let count = Self.outputSize - Int(self.stream.pointee.avail_out)
        self.stream.pointee.next_out = self.output
        self.stream.pointee.avail_out = UInt32(Self.outputSize)
        if count > 0 { try emit(UnsafeRawBufferPointer(start: self.output, count: count)) }
    }
}
