import Blocking
import Foundation
import Glibc
import Synchronization
import Testing

@Suite("Priorities")
struct LowPriorityTests {
    /// The calling thread's.
    private static func nice() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }

    @Test("a thread that takes the low priority gives it to the threads that it starts, and to no other")
    func inheritance() async throws {
        let before = Self.nice()
        let (own, inherited) = try await offPool { _ in
            LowPriority.takeThisThread()
            let inherited = Mutex<Int32?>(nil)
            let ended = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                inherited.withLock { $0 = Self.nice() }
                ended.signal()
            }
            ended.wait()
            return (Self.nice(), inherited.withLock { $0 })
        }
        #expect(own == 19)
        #expect(inherited == 19)
        #expect(try await offPool { _ in Self.nice() } == before)
    }
}
