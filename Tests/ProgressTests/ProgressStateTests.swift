import Progress
import Testing

@Suite("How far a run has come")
struct ProgressStateTests {
    /// A state after amounts in bytes of the stage `pack`, which begins at 0, each with its second.
    private static func state(total: Int64, _ amounts: [(second: Double, done: Int64)]) -> ProgressState {
        var state = ProgressState()
        state.take(.stage("pack", detail: ""), at: .zero)
        for (second, done) in amounts {
            state.take(.amount(stage: "pack", done: done, total: total, unit: "bytes"), at: .seconds(second))
        }
        return state
    }

    private static func amount(_ state: ProgressState) throws -> ProgressStatus.Amount {
        try #require(state.status?.amount)
    }

    @Test("A steady amount has its rate, its percentage and its time to go")
    func steady() throws {
        let amount = try Self.amount(Self.state(total: 1000, (0...20).map { (Double($0), Int64($0) * 10) }))
        #expect(amount.percent == 20)
        #expect(try abs(#require(amount.rate) - 10) < 0.001)
        #expect(try abs(#require(amount.secondsRemaining) - 80) < 0.1)
        #expect(amount.secondsUnchanged == 0)
    }

    @Test("A rate goes to its new value over some ten seconds, not at once")
    func smoothed() throws {
        let rate = { (count: Int) throws -> Double in
            var amounts: [(second: Double, done: Int64)] = []
            for second in 0...20 { amounts.append((Double(second), Int64(second * 10))) }
            for second in 1...count { amounts.append((Double(20 + second), Int64(200 + second * 100))) }
            return try #require(Self.amount(Self.state(total: 100_000, amounts)).rate)
        }
        let (soon, later, late) = (try rate(1), try rate(10), try rate(60))
        #expect(soon > 10 && soon < 25)
        #expect(later > 50 && later < 80)
        #expect(late > 99 && late < 100)
    }

    @Test("From one amount alone nothing is foretold: half of it may have been there before")
    func firstAmount() throws {
        let amount = try Self.amount(Self.state(total: 1000, [(1, 500)]))
        #expect(amount.percent == 50)
        #expect(amount.rate == nil)
        #expect(amount.secondsRemaining == nil)
    }

    @Test("A total of 0, or less, is unknown", arguments: [0, -1, Int64.min])
    func unknownTotal(_ total: Int64) throws {
        let amount = try Self.amount(Self.state(total: total, [(1, 10), (2, 20)]))
        #expect(amount.total == 0)
        #expect(amount.percent == nil)
        #expect(amount.secondsRemaining == nil)
        #expect(amount.rate != nil)
    }

    @Test("Beyond a total that was wrong it is 100 %, and nothing is foretold")
    func wrongTotal() throws {
        let amount = try Self.amount(Self.state(total: 100, [(1, 90), (2, 110)]))
        #expect(amount.percent == 100)
        #expect(amount.done == 110)
        #expect(amount.secondsRemaining == nil)
    }

    @Test("100 % is told of what is complete only")
    func almost() throws {
        #expect(try #require(Self.amount(Self.state(total: .max, [(1, .max - 1)])).percent) < 100)
        #expect(try Self.amount(Self.state(total: .max, [(1, .max)])).percent == 100)
    }

    @Test("A negative amount is none, and one that begins again has no negative rate")
    func backwards() throws {
        #expect(try Self.amount(Self.state(total: 10, [(1, -5)])).done == 0)
        let amount = try Self.amount(Self.state(total: 1000, [(1, 100), (2, 200), (3, 0), (4, 100)]))
        #expect(try #require(amount.rate) > 0)
        #expect(amount.done == 100)
    }

    @Test("A time that goes backwards counts as the one before")
    func timeBackwards() throws {
        var state = Self.state(total: 1000, [(10, 100), (11, 200)])
        state.take(.amount(stage: "pack", done: 300, total: 1000, unit: "bytes"), at: .seconds(5))
        state.advance(to: .seconds(-5))
        #expect(state.elapsed == .seconds(11))
        let amount = try Self.amount(state)
        #expect(amount.done == 300)
        #expect(amount.rate == 100)
        #expect(amount.secondsUnchanged == 0)
        state.take(.amount(stage: "pack", done: 400, total: 1000, unit: "bytes"), at: .seconds(12))
        #expect(try #require(Self.amount(state).rate) > 100)
    }

    @Test("A burst of events within a moment is no storm")
    func burst() throws {
        let amount = try Self.amount(Self.state(total: 0, [(1, 0), (2, 100), (2.001, 100_000), (3, 100_100)]))
        #expect(try #require(amount.rate) < 20_000)
    }

    @Test("What stands still says for how long, loses its rate, and foretells nothing after a while")
    func standstill() throws {
        var state = Self.state(total: 1000, (0...20).map { (Double($0), Int64($0) * 10) })
        state.advance(to: .seconds(30))
        let soon = try Self.amount(state)
        #expect(soon.secondsUnchanged == 10)
        #expect(try #require(soon.rate) < 10)
        #expect(soon.secondsRemaining != nil)
        // Being told the same again is no movement.
        state.take(.amount(stage: "pack", done: 200, total: 1000, unit: "bytes"), at: .seconds(60))
        let late = try Self.amount(state)
        #expect(late.secondsUnchanged == 40)
        #expect(try #require(late.rate) < 1)
        #expect(late.secondsRemaining == nil)
    }

    @Test("Another unit is another measurement")
    func otherUnit() throws {
        var state = Self.state(total: 1000, [(1, 100), (2, 900)])
        state.take(.amount(stage: "pack", done: 3, total: 9, unit: "files"), at: .seconds(3))
        let amount = try Self.amount(state)
        #expect(amount.rate == nil)
        #expect(amount.unit == "files")
        #expect(amount.percent.map { Int($0) } == 33)
    }

    @Test("A stage of its own begins without the amounts of the one before")
    func nextStage() {
        var state = Self.state(total: 1000, [(1, 100), (2, 200)])
        let ended = state.endStage()
        #expect(ended?.stage.name == "pack")
        #expect(ended?.seconds == 2)
        #expect(state.status == nil)
        #expect(state.endStage() == nil)
        state.take(.stage("manifest", detail: "m"), at: .seconds(5))
        state.advance(to: .seconds(7))
        #expect(state.status?.amount == nil)
        #expect(state.status?.detail == "m")
        #expect(state.status?.secondsInStage == 2)
        state.take(.stage("pack", detail: ""), at: .seconds(8))
        #expect(state.status?.amount == nil)
        #expect(state.stages == ["pack", "manifest"])
    }

    @Test("An amount of something else stands for a stage that has none, and does not disturb one that has")
    func besides() {
        var state = ProgressState()
        state.take(.amount(stage: "early", done: 1, total: 0, unit: "bytes"), at: .seconds(1))
        #expect(state.status?.stage == "early")
        state.take(.stage("pack", detail: ""), at: .seconds(2))
        state.take(.amount(stage: "upload", done: 1, total: 10, unit: "bytes"), at: .seconds(3))
        #expect(state.status?.stage == "upload")
        state.take(.amount(stage: "pack", done: 2, total: 10, unit: "bytes"), at: .seconds(4))
        state.take(.amount(stage: "upload", done: 5, total: 10, unit: "bytes"), at: .seconds(5))
        #expect(state.status?.stage == "pack")
        #expect(state.status?.amount?.done == 2)
        #expect(state.status(of: "upload").amount?.rate == 2)
        #expect(state.status(of: "never").amount == nil)
    }

    @Test("Retries are counted over all stages; notes and warnings change nothing")
    func retries() {
        var state = ProgressState()
        for event in [ProgressEvent.retry("a"), .note("n"), .warning("w"), .stage("b", detail: ""), .retry("a")] {
            state.take(event, at: .zero)
        }
        #expect(state.retries == 2)
        #expect(state.status?.retries == 2)
        #expect(ProgressState().status == nil)
    }
}
