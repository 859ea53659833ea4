import Progress
import Testing

@Suite("Lines for people")
struct PlainLinesTests {
    private let plain = PlainLines()
    private let coloured = PlainLines(Paint(isOn: true))

    @Test("Stages, notes, warnings, retries, errors")
    func lines() {
        #expect(self.plain.stage("inspect", "") == "==> inspect")
        #expect(self.plain.stage("snapshot", "clone") == "==> snapshot: clone")
        #expect(self.plain.note("moved aside") == "    moved aside")
        #expect(self.plain.warning("look here") == "warning: look here")
        #expect(self.plain.retry("503 Slow Down", count: 3) == "    retry 3: 503 Slow Down")
        #expect(self.plain.error("what\ncause: why\nhint: do") == "error: what\ncause: why\nhint: do")
    }

    @Test("How a stage ended")
    func ended() {
        #expect(self.plain.ended("pack", "", seconds: 12.39, .done) == "done     pack  12.3 s")
        #expect(self.plain.ended("unpack", "a", seconds: 0, .failed) == "failed   unpack: a  0.0 s")
        #expect(self.plain.ended("pack", "", seconds: -3, .stopped) == "stopped  pack  0.0 s")
    }

    @Test("Colour stands on the one word that matters, and goes off again")
    func colour() {
        #expect(self.coloured.warning("look") == "\u{1B}[33mwarning:\u{1B}[0m look")
        #expect(self.coloured.error("no") == "\u{1B}[31merror:\u{1B}[0m no")
        #expect(self.coloured.ended("pack", "", seconds: 1, .done).hasPrefix("\u{1B}[32mdone   \u{1B}[0m  pack"))
        #expect(self.coloured.note("plain") == "    plain")
    }

    @Test("A server's words cannot steer the terminal")
    func hostileText() {
        let text = "a\u{1B}[2Jb\rc\u{7}d\u{9B}e\u{7F}f\u{0}\n\tü"
        let safe = "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f\u{FFFD}\n\tü"
        #expect(self.plain.note(text) == "    \(safe)")
        #expect(self.plain.warning(text) == "warning: \(safe)")
        #expect(self.plain.error(text) == "error: \(safe)")
        #expect(self.plain.retry(text, count: 1).hasSuffix(safe))
        #expect(self.plain.stage("s", text).hasSuffix(safe))
    }

    @Test(
        "Where there is colour",
        arguments: [
            (true, [:], false, true), (true, ["TERM": "xterm", "NO_COLOR": ""], false, true),
            (true, ["NO_COLOR": "1"], false, false), (true, ["NO_COLOR": "0"], false, false),
            (true, ["TERM": "dumb"], false, false), (true, ["TERM": "xterm"], true, false),
            (false, ["TERM": "xterm"], false, false),
        ] as [(Bool, [String: String], Bool, Bool)]
    )
    func whether(_ isTerminal: Bool, _ environment: [String: String], _ isRefused: Bool, _ isOn: Bool) {
        #expect(Paint(isTerminal: isTerminal, environment: environment, isRefused: isRefused).isOn == isOn)
    }
}
