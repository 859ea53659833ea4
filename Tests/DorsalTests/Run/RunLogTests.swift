import Blocking
import Failures
import Glibc
import Progress
import Synchronization
import TestSupport
import Testing

@testable import Dorsal

@Suite("What a run tells, and work off the pool")
struct RunLogTests {
    private struct Stop: Error {}

    @Test("Stages are announced in order and measured, failed ones too")
    func stages() async throws {
        let telling = Telling()
        let log = telling.log
        let result = try await log.stage("one", "detail") { 7 }
        #expect(result == 7)
        await #expect(throws: Stop.self) { try await log.stage("two") { throw Stop() } }
        #expect(telling.events == [.stage("one", detail: "detail"), .stage("two", detail: "")])
        #expect(log.seconds.keys.sorted() == ["one", "two"])
        #expect(log.seconds.values.allSatisfy { $0 >= 0 && $0 < 60 })
    }

    @Test("A stage that takes time is told to have taken it")
    func measured() async throws {
        let log = Telling().log
        let start = ContinuousClock.now
        try await log.stage("wait") {
            while ContinuousClock.now - start < .milliseconds(5) { await Task.yield() }
        }
        #expect(try #require(log.seconds["wait"]) >= 0.004)
    }

    @Test("Warnings are told and kept, notes are told only")
    func warnings() {
        let telling = Telling()
        let log = telling.log
        log.warn("first")
        log.note("between")
        log.warn("second")
        #expect(log.warnings == ["first", "second"])
        #expect(telling.events == [.warning("first"), .note("between"), .warning("second")])
    }

    @Test("A retry is told, and is no warning")
    func retry() {
        let telling = Telling()
        let log = telling.log
        log.retry("503 Slow Down")
        #expect(telling.events == [.retry("503 Slow Down")])
        #expect(log.warnings == [])
    }

    @Test("Amounts are told now and then only")
    func amounts() {
        let telling = Telling()
        let log = telling.log
        for done in 0..<1000 { log.amount("pack", Int64(done)) }
        #expect(telling.events.count < 100)
    }

    @Test("A cancelled run begins no further stage")
    func cancelledStage() async throws {
        let telling = Telling()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await telling.log.stage("never") { _ = Issue.record("it ran") }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(telling.events == [])
    }

    @Test("Blocking work gives its result or its error")
    func offThePool() async throws {
        #expect(try await offPool { _ in 7 } == 7)
        await #expect(throws: Stop.self) { try await offPool { _ in throw Stop() } }
        try await offPool { flag in try flag.check() }
    }

    @Test("Blocking work that asks learns of a cancellation")
    func offThePoolCancelled() async throws {
        let begun = CancellationFlag()
        let task = Task {
            try await offPool { flag -> Int in
                begun.set()
                while true {
                    try flag.check()
                    sched_yield()
                }
            }
        }
        while (try? begun.check()) != nil { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
