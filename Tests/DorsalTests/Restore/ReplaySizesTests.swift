import GTID
import Testing

@testable import Dorsal

@Suite("Sizes for a replay")
struct ReplaySizesTests {
    private func sizes(data: Int64, binlogs: Int64 = 0, memory: Int64, space: Int64 = 1 << 40) -> ReplaySizes {
        ReplaySizes(data: data, binlogs: binlogs, memory: memory, space: space)
    }

    @Test("The buffer pool holds the data where half of the free memory does, and never nothing")
    func bufferPool() {
        #expect(self.sizes(data: 4 << 30, memory: 64 << 30).bufferPool == 5 << 30)
        #expect(self.sizes(data: 400 << 30, memory: 64 << 30).bufferPool == 32 << 30)
        #expect(self.sizes(data: 1000, memory: 64 << 30).bufferPool == 128 << 20)
        #expect(self.sizes(data: 4 << 30, memory: 0).bufferPool == 128 << 20)
        // Servers round up what is no multiple of a chunk.
        #expect(self.sizes(data: 3_333_333_333, memory: 64 << 30).bufferPool.isMultiple(of: 128 << 20))
    }

    @Test("The redo log grows with the binary logs, and only where the disk has room")
    func redoLog() {
        #expect(self.sizes(data: 1 << 30, binlogs: 1 << 30, memory: 1 << 30).redoLog == 1 << 30)
        #expect(self.sizes(data: 1 << 30, binlogs: 90 << 30, memory: 1 << 30).redoLog == 2 << 30)
        #expect(self.sizes(data: 1 << 30, binlogs: 200 << 20, memory: 1 << 30).redoLog == nil)
        #expect(self.sizes(data: 1 << 30, binlogs: 1 << 30, memory: 1 << 30, space: 3 << 30).redoLog == nil)
        #expect(self.sizes(data: 1 << 30, binlogs: 1 << 30, memory: 1 << 30, space: 0).redoLog == nil)
    }

    @Test("Appliers go by the cores, and MariaDB needs some for several to pay")
    func workers() {
        #expect([1, 2, 4, 64].map { Replay.workers(.mysql, cores: $0) } == [4, 8, 16, 32])
        #expect([1, 2, 4, 64].map { Replay.workers(.mariadb, cores: $0) } == [0, 0, 8, 16])
    }
}
