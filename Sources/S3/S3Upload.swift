import Failures
import NIOCore
import Storage
import Synchronization

/// A part of an upload that is ready to be sent.
struct UploadPart: Sendable {
    let number: Int
    let bytes: ByteBuffer
    /// How many of the window's places it takes.
    let places: Int
}

/// Cuts what is written into parts, and holds the writer back while too many are on their way.
///
/// Small parts take one place in the window each, large ones several, so that what is in memory stays bounded however
/// large the parts get.
actor S3Upload: ObjectUpload {
    /// What all parts on their way may have together, in bytes, unless a single one has more.
    private static let budget = 128 << 20

    private let sizes: PartSizes
    private let window: Int
    private let parts: AsyncStream<UploadPart>.Continuation
    private let freePlaces: AsyncStream<Void>
    private let places: AsyncStream<Void>.Continuation
    private var pending = ByteBuffer()
    private var number = 1
    private let reason = Mutex<(any Error)?>(nil)
    /// All bytes written so far.
    private(set) var size: Int64 = 0

    init(sizes: PartSizes, window: Int, parts: AsyncStream<UploadPart>.Continuation) {
        self.sizes = sizes
        self.window = max(1, window)
        self.parts = parts
        (self.freePlaces, self.places) = AsyncStream.makeStream()
        for _ in 0..<self.window { self.places.yield() }
    }

    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        self.size += Int64(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = self.sizes.size(ofPart: self.number)
            // Grown by doubling, so that a short object takes no whole part.
            let count = min(rest.count, size - self.pending.readableBytes)
            self.pending.writeBytes(rest.prefix(count))
            rest = rest.dropFirst(count)
            if self.pending.readableBytes == size { try await self.send() }
        }
    }

    /// The object as a whole, if it is no longer than the first part; else nil, after the last part went out.
    func finish() async throws -> ByteBuffer? {
        if self.number == 1 {
            self.parts.finish()
            return self.pending
        }
        if self.pending.readableBytes > 0 { try await self.send() }
        self.parts.finish()
        return nil
    }

    /// Ends the upload early: who writes is woken up.
    ///
    /// The first reason is the one that counts.
    nonisolated func stop(because reason: (any Error)? = nil) {
        self.reason.withLock { if !($0 is Failure) { $0 = reason ?? $0 } }
        self.parts.finish()
        self.places.finish()
    }

    /// Makes room for others once a part has arrived.
    nonisolated func release(_ part: UploadPart) {
        for _ in 0..<part.places { self.places.yield() }
    }

    private func send() async throws {
        let bytes = self.pending
        // The next part will be as long, most likely.
        self.pending = ByteBufferAllocator().buffer(capacity: bytes.readableBytes)
        let places = min(self.window, max(1, (bytes.readableBytes * self.window + Self.budget - 1) / Self.budget))
        for _ in 0..<places { try await self.takePlace() }
        self.parts.yield(UploadPart(number: self.number, bytes: bytes, places: places))
        self.number += 1
    }

    private func takePlace() async throws {
        for await _ in self.freePlaces { return }
        // The stream has ended because a part failed, or the task was cancelled.
        throw self.reason.withLock { $0 } ?? CancellationError()
    }
}
