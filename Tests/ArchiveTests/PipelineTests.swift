import Dispatch
import Failures
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Archive

@Suite("Stages side by side")
struct PipelineTests {
    /// A sink that takes nothing until it is let.
    private final class SlowSink: ByteSink {
        let gate = DispatchSemaphore(value: 0)
        let isReached = DispatchSemaphore(value: 0)

        func write(_ bytes: UnsafeRawBufferPointer) {
            self.isReached.signal()
            self.gate.wait()
            self.gate.signal()
        }

        func finish() {}
    }

    /// A source that gives some bytes, and then fails.
    private final class BrokenSource: ByteSource {
        let name = "broken"
        let size: Int64? = nil
        private let rest: MemorySource
        init(_ bytes: [UInt8]) { self.rest = MemorySource(bytes, step: 1000) }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            let count = self.rest.read(into: buffer)
            guard count > 0 else { throw Failure(.storageTemporary, "the network is away") }
            return count
        }
    }

    @Test(
        "a sink that does not go on holds the writer back, and cancelling ends that",
        arguments: PackageCompression.allCases
    )
    func slowSink(compression: PackageCompression) throws {
        let sink = SlowSink()
        let isCancelled = Atomic(false)
        let taken = Atomic<Int64>(0)
        let writer = try PackageWriter(
            sinks: [sink],
            compression: compression,
            progress: { taken.store($0, ordering: .relaxed) },
            checkCancellation: { if isCancelled.load(ordering: .relaxed) { throw CancellationError() } }
        )
        DispatchQueue.global().async {
            sink.isReached.wait()
            isCancelled.store(true, ordering: .relaxed)
        }
        #expect(throws: CancellationError.self) {
            while true { try writer.add(bytes: noise(1 << 20), as: UUID().uuidString) }
        }
        #expect(taken.load(ordering: .relaxed) < 100 << 20)
        sink.gate.signal()
    }

    @Test("nothing of a writer that is dropped in the middle is left", arguments: PackageCompression.allCases)
    func dropped(compression: PackageCompression) throws {
        weak var left: MemorySink?
        do {
            let sink = MemorySink()
            left = sink
            let writer = try PackageWriter(sinks: [sink], compression: compression, checkCancellation: {})
            try writer.add(bytes: noise(5_000_000), as: "a")
        }
        // Its threads held the sink.
        #expect(left == nil)
    }

    @Test(
        "nothing of a reader that ended early is left, and what the body throws is thrown",
        arguments: PackageCompression.allCases
    )
    func readerDropped(compression: PackageCompression) throws {
        struct Enough: Error {}
        let made = try package(compression) { try $0.add(bytes: noise(20_000_000), as: "a") }
        weak var left: MemorySource?
        do {
            let source = MemorySource(made.bytes, step: 1000)
            left = source
            let reader = StreamReader(source: source, expected: made.digest.stream, checkCancellation: {})
            #expect(throws: Enough.self) { try reader.read { _ in throw Enough() } }
        }
        #expect(left == nil)
    }

    @Test("a source that fails in the middle ends the reading with its error", arguments: PackageCompression.allCases)
    func brokenSource(compression: PackageCompression) throws {
        let made = try package(compression) { try $0.add(bytes: noise(3_000_000), as: "a") }
        for count in [0, 5, 1_000_000, made.bytes.count] {
            let reader = PackageReader(
                source: BrokenSource(Array(made.bytes.prefix(count))),
                expected: made.digest,
                checkCancellation: {}
            )
            expectFailure(.storageTemporary, containing: "the network is away") { try reader.verify() }
        }
    }

    @Test("a stream comes back as it went, with every thread count", arguments: PackageCompression.allCases)
    func streams(compression: PackageCompression) throws {
        for (index, contents) in [[], [1], noise(Block.contentSize), noise(3_000_001)].enumerated() {
            let sink = MemorySink()
            var progress: Int64 = 0
            let writer = try StreamWriter(
                sinks: [sink],
                compression: compression,
                threads: index + 1,
                progress: { progress = $0 },
                checkCancellation: {}
            )
            try contents.withUnsafeBytes { try writer.write($0) }
            let record = try writer.finish()
            #expect(progress == Int64(contents.count))
            expectFailure(.internal, containing: "finished already") { _ = try writer.finish() }
            for threads in [1, 3] {
                var back: [UInt8] = []
                let source = MemorySource(sink.bytes)
                try StreamReader(source: source, expected: record, threads: threads, checkCancellation: {}).read {
                    back += $0
                }
                #expect(back == contents)
            }
            var wrong = record
            wrong.sha1 = String(repeating: "0", count: 40)
            expectFailure(.integrity, containing: "has another SHA-1") {
                try StreamReader(source: MemorySource(sink.bytes), expected: wrong, checkCancellation: {}).read { _ in }
            }
        }
    }

    @Test("a stream whose sink fails says so, and takes nothing more")
    func brokenSink() throws {
        let sink = FileSink(adopting: open("/dev/full", O_WRONLY), path: "/dev/full")
        let writer = try StreamWriter(sinks: [sink], checkCancellation: {})
        expectFailure(.storage, containing: "No space left on device") {
            try noise(40_000_000).withUnsafeBytes { try writer.write($0) }
        }
        expectFailure(.internal, containing: "an earlier step failed") { _ = try writer.finish() }
    }
}

@Suite("A limit on bytes in a second")
struct RateLimitTests {
    /// A clock that goes on only by sleeping.
    private final class Clock {
        var now = Duration.seconds(1000)
        var longest = Duration.zero
        func sleep(_ duration: Duration) {
            self.now += duration
            self.longest = max(self.longest, duration)
        }
    }

    private func limit(_ rate: Int64, _ clock: Clock) -> RateLimit {
        RateLimit(bytesPerSecond: rate, now: { clock.now }, sleep: clock.sleep)
    }

    @Test("bytes take the time that they must, but for the burst", arguments: [1, 7, 1000, 1_000_000] as [Int64])
    func rate(rate: Int64) {
        let clock = Clock()
        var limit = self.limit(rate, clock)
        for _ in 0..<100 { limit.pass(Int(rate), checkCancellation: {}) }
        let spent = clock.now - .seconds(1000)
        #expect(abs(spent / .seconds(1) - (100 - RateLimit.burst / .seconds(1))) < 0.01)
        #expect(clock.longest <= RateLimit.slice)
    }

    @Test("a long pause is made up for by the burst only")
    func pause() {
        let clock = Clock()
        var limit = self.limit(1000, clock)
        clock.now += .seconds(3600)
        limit.pass(250, checkCancellation: {})
        #expect(clock.now == .seconds(4600))
        limit.pass(1000, checkCancellation: {})
        #expect(abs((clock.now - .seconds(4600)) / .seconds(1) - 1) < 0.001)
    }

    @Test("cancelling ends a wait that would be long")
    func cancelled() {
        let clock = Clock()
        var limit = self.limit(1, clock)
        #expect(throws: CancellationError.self) {
            try limit.pass(1_000_000) { if clock.now > .seconds(1010) { throw CancellationError() } }
        }
        #expect(clock.now < .seconds(1011))
    }

    @Test("a writer reads files no faster than its limit, and can be cancelled while it waits")
    func writer() throws {
        var calls = 0
        let writer = try PackageWriter(
            sinks: [],
            maxRate: 1,
            checkCancellation: {
                calls += 1
                if calls > 10 { throw CancellationError() }
            }
        )
        #expect(throws: CancellationError.self) { try writer.add(bytes: noise(1000), as: "a") }
        #expect(throws: Failure.self) { try writer.finish() }
    }
}
