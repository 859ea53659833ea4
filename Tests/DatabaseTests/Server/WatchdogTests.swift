import Database
import Failures
import Testing

@Suite("Limits on waiting")
struct WatchdogTests {
    @Test("Progress of any kind keeps the limit away, even a limit of nothing")
    func progress() throws {
        var watchdog = Watchdog(limit: .zero, waitingFor: "the test")
        for step in 0..<1000 { try watchdog.check("state \(step % 2)") }
    }

    @Test("No progress ends the wait, and tells what it was waited for")
    func noProgress() throws {
        var watchdog = Watchdog(limit: .zero, waitingFor: "the applier", hint: "look there")
        try watchdog.check("same")
        let failure = try #require(throws: Failure.self) { try watchdog.check("same") }
        #expect(failure.class == .notCaughtUp)
        #expect(failure.message == "no progress for 0 s while waiting for the applier")
        #expect(failure.cause == "the last state was: same")
        #expect(failure.hint == "look there")
    }

    @Test("The class of the failure is the caller's to choose")
    func failureClass() throws {
        var watchdog = Watchdog(limit: .zero, waitingFor: "a start")
        try watchdog.check("same", failureClass: .unusable)
        let failure = try #require(throws: Failure.self) { try watchdog.check("same", failureClass: .unusable) }
        #expect(failure.class == .unusable)
        #expect(failure.hint == nil)
    }

    @Test("Within the limit nothing need change")
    func withinLimit() throws {
        var watchdog = Watchdog(limit: .seconds(3600), waitingFor: "the test")
        for _ in 0..<100 { try watchdog.check("same") }
    }
}
