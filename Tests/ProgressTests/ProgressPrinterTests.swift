import Foundation
import Progress
import Testing

@Suite("What is written of a run, and when")
struct ProgressPrinterTests {
    private static func pack(_ done: Int64, of total: Int64 = 1000) -> ProgressEvent {
        .amount(stage: "pack", done: done, total: total, unit: "bytes")
    }

    /// Feeds a printer with events, a tick every 200 ms in between, and returns what it wrote with the time of each.
    private static func run(
        _ form: ProgressPrinter.Form,
        isQuiet: Bool = false,
        width: Int = 80,
        until end: Double,
        _ events: [(second: Double, event: ProgressEvent)]
    ) -> [(second: Double, text: String)] {
        var printer = ProgressPrinter(form, isQuiet: isQuiet)
        let ticks = stride(from: 0, through: end, by: 0.2).map { (second: $0, event: ProgressEvent?.none) }
        let all = (ticks + events.map { ($0.second, .some($0.event)) }).enumerated()
            .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
        return all.compactMap { second, event in
            let text =
                event.map { printer.take($0, at: .seconds(second), width: width) }
                ?? printer.tick(at: .seconds(second), width: width)
            return text.isEmpty ? nil : (second, text)
        }
    }

    // MARK: Lines

    @Test("Lines: a stage at once, then one every 30 s, also when no event comes")
    func heartbeat() {
        let written = Self.run(.lines, until: 100, [(1, .stage("prepare", detail: "tool"))])
        #expect(written.map(\.text).first == "==> prepare: tool\n")
        #expect(written.map { Int($0.second) } == [1, 31, 61, 91])
        #expect(written[1].text == "    [0:31] prepare  for 0:30\n")
    }

    @Test("Lines: many amounts are still one line in 30 s; a standstill is told")
    func manyAmounts() {
        let amounts = (1...80).map { (second: Double($0) / 2, event: Self.pack(Int64($0) * 10)) }
        let written = Self.run(.lines, until: 95, [(0, .stage("pack", detail: ""))] + amounts)
        #expect(written.map { Int($0.second) } == [0, 30, 60, 90])
        #expect(written[1].text == "    [0:30] pack  59%  590/1000 B  20 B/s  ETA 0:20\n")
        #expect(written[2].text == "    [1:00] pack  80%  800/1000 B  stands still for 0:20\n")
        #expect(written[3].text == "    [1:30] pack  80%  800/1000 B  stands still for 0:50\n")
    }

    @Test("Lines: stage changes, notes and warnings are never kept back")
    func atOnce() {
        let written = Self.run(
            .lines,
            until: 1,
            [(0, .stage("a", detail: "")), (0, .note("n")), (0, .warning("w")), (0, .stage("b", detail: ""))]
        )
        #expect(written.map(\.text) == ["==> a\n", "    n\n", "warning: w\n", "==> b\n"])
    }

    @Test(
        "Before the first stage and after the last one time says nothing",
        arguments: [ProgressPrinter.Form.lines, .json, .live]
    )
    func nothingGoesOn(_ form: ProgressPrinter.Form) {
        var printer = ProgressPrinter(form)
        #expect(printer.tick(at: .seconds(100), width: 80) == "")
        #expect(printer.endStage(.done, at: .seconds(100)) == "")
        _ = printer.take(.stage("a", detail: ""), at: .seconds(100), width: 80)
        _ = printer.endStage(.failed, at: .seconds(101))
        #expect(printer.tick(at: .seconds(200), width: 80) == "")
        #expect(printer.erase() == "")
    }

    // MARK: Retries

    @Test("Retries: one line in 5 s at the most, the last one with the number of all")
    func retries() {
        let events = (0..<40).map { (second: Double($0) / 10, event: ProgressEvent.retry("try \($0)")) }
        let written = Self.run(.lines, until: 20, events)
        #expect(written.map(\.text) == ["    retry 1: try 0\n", "    retry 40: try 39\n"])
        #expect(written.map { Int($0.second) } == [0, 5])
    }

    @Test("Retries in JSON are events with the same count")
    func jsonRetries() throws {
        let written = Self.run(.json, until: 20, [(0, .retry("a")), (0.1, .retry("b")), (0.2, .retry("c"))])
        let objects = try written.map { try Self.object($0.text) }
        #expect(objects.map { $0["level"] as? String } == ["retry", "retry"])
        #expect(objects.map { $0["message"] as? String } == ["a", "c"])
        #expect(objects.map { $0["retries"] as? Int } == [1, 3])
    }

    // MARK: JSON

    private static func object(_ line: String) throws -> [String: any Sendable] {
        #expect(line.hasSuffix("\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: any Sendable])
    }

    @Test("JSON: a status when a stage begins, about two a second on change, one in 30 s without")
    func jsonStatus() throws {
        let amounts = (1...100).map { (second: Double($0) / 10, event: Self.pack(Int64($0))) }
        let written = Self.run(.json, until: 80, [(0, .stage("pack", detail: ""))] + amounts)
        let objects = try written.map { try Self.object($0.text) }
        #expect(objects.allSatisfy { $0["type"] as? String == "status" })
        let changing = written.count { $0.second > 0 && $0.second <= 11 }
        #expect(changing >= 15 && changing <= 22)
        // The last amount is told although it came too soon after the one before.
        let last = try #require(written.lastIndex { $0.second <= 11 })
        #expect(objects[last]["bytes_done"] as? Int == 100)
        #expect(written.dropFirst(last + 1).map { Int($0.second - written[last].second) } == [30, 60])
        #expect(objects.last?["stage"] as? String == "pack")
    }

    @Test("JSON: each of two amounts told by turns is told as its own")
    func jsonBesides() throws {
        let written = Self.run(
            .json,
            until: 1,
            [
                (0, .stage("pack", detail: "")), (0.5, Self.pack(1)),
                (1, .amount(stage: "upload", done: 1, total: 0, unit: "bytes")),
            ]
        )
        #expect(try written.map { try Self.object($0.text)["stage"] as? String } == ["pack", "pack", "upload"])
    }

    // MARK: Quiet

    @Test("Quiet: warnings and the interruption only", arguments: [ProgressPrinter.Form.lines, .live, .json])
    func quiet(_ form: ProgressPrinter.Form) {
        let written = Self.run(
            form,
            isQuiet: true,
            until: 100,
            [(0, .stage("pack", detail: "")), (1, Self.pack(1)), (2, .note("n")), (3, .retry("r")), (4, .warning("w"))]
        )
        #expect(written.map { Int($0.second) } == [4])
        #expect(written.first?.text.contains("\u{1B}") == false)
        var printer = ProgressPrinter(form, isQuiet: true)
        _ = printer.take(.stage("pack", detail: ""), at: .zero, width: 80)
        #expect(printer.interrupted(at: .zero, width: 80).contains("interrupted: cleaning up; once more ends at once"))
        #expect(printer.endStage(.done, at: .zero) == "")
    }

    // MARK: Live

    @Test("Live: at most ten redraws a second, however many events there are")
    func liveRedraws() {
        let amounts = (1...5000).map { (second: Double($0) / 1000, event: Self.pack(Int64($0), of: 5000)) }
        let notes = (1...500).map { (second: Double($0) / 100, event: ProgressEvent.note("n")) }
        let written = Self.run(.live, until: 5, [(0, .stage("pack", detail: ""))] + amounts + notes)
        #expect(written.count { $0.text.contains("pack") } <= 51)
        #expect(written.count { $0.text.contains("pack") } >= 40)
        #expect(written.count { $0.text.contains("    n\n") } == 500)
    }

    @Test("Live: any other line first takes the live one away, and it comes back")
    func liveLines() {
        var printer = ProgressPrinter(.live)
        #expect(printer.take(.stage("pack", detail: ""), at: .zero, width: 80) == "\r[0:00] pack  for 0:00\u{1B}[K")
        #expect(
            printer.take(.warning("w"), at: .seconds(1), width: 80)
                == "\r\u{1B}[Kwarning: w\n\r[0:01] pack  for 0:01\u{1B}[K"
        )
        // Too soon to be drawn again; the next tick does it.
        #expect(printer.take(.note("n"), at: .seconds(1.05), width: 80) == "\r\u{1B}[K    n\n")
        #expect(printer.erase() == "")
        #expect(printer.tick(at: .seconds(1.2), width: 80) == "\r[0:01] pack  for 0:01\u{1B}[K")
        #expect(printer.tick(at: .seconds(1.4), width: 80) == "")
    }

    @Test("Live: a stage that has ended stays with its seconds, and the cursor is left on a clean line")
    func liveEnd() {
        var printer = ProgressPrinter(.live)
        _ = printer.take(.stage("pack", detail: "x"), at: .zero, width: 80)
        #expect(
            printer.take(.stage("manifest", detail: ""), at: .seconds(12.5), width: 80)
                == "\r\u{1B}[Kdone     pack: x  12.5 s\n\r[0:12] manifest  for 0:00\u{1B}[K"
        )
        #expect(printer.endStage(.stopped, at: .seconds(13.5)) == "\r\u{1B}[Kstopped  manifest  1.0 s\n")
        #expect(printer.endStage(.stopped, at: .seconds(14)) == "")
    }

    @Test("Live: the line follows the terminal's width and leaves its last column free", arguments: 0...30)
    func liveWidth(_ width: Int) {
        var printer = ProgressPrinter(.live)
        _ = printer.take(.stage("pack", detail: ""), at: .zero, width: 80)
        let text = printer.tick(at: .seconds(7), width: width)
        #expect(text.hasPrefix("\r["))
        #expect(text.hasSuffix("\u{1B}[K"))
        #expect(text.count - 4 <= max(1, width - 1))
    }
}
