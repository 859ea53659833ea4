import Progress
import Testing

@Suite("Progress for people")
struct PlainLinesTests {
    /// An event and the line that it makes.
    private static let lines: [(ProgressEvent, String)] = [
        (.stage("inspect", detail: ""), "==> inspect"),
        (.stage("snapshot", detail: "clone"), "==> snapshot: clone"),
        (.amount(stage: "pack", done: 512, total: 0, unit: "bytes"), "    512 B"),
        (.amount(stage: "pack", done: 1 << 20, total: 1 << 22, unit: "bytes"), "    1.0 MiB of 4.0 MiB (25%)"),
        (.amount(stage: "replay", done: 3, total: 9, unit: "transactions"), "    3 transactions of 9 (33%)"),
        (.amount(stage: "rejoin", done: 7, total: 0, unit: "transactions to come"), "    7 transactions to come"),
        (.amount(stage: "pack", done: 0, total: 10, unit: "bytes"), "    0 B of 10 B (0%)"),
        (.note("moved aside"), "    moved aside"),
        (.warning("look here"), "warning: look here"),
    ]

    @Test("Every event's line", arguments: lines)
    func line(_ event: ProgressEvent, _ line: String) {
        #expect(PlainLines().line(for: event) == line)
    }

    @Test(
        "Sizes, with one decimal and never rounded up",
        arguments: [
            (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB"),
            ((1 << 20) - 1, "1023.9 KiB"), (1_610_612_736, "1.5 GiB"), (1 << 40, "1.0 TiB"),
            (1 << 50, "1024.0 TiB"), (Int64.max, "8388608.0 TiB"),
        ] as [(Int64, String)]
    )
    func sizes(_ bytes: Int64, _ text: String) {
        #expect(Sizes.text(bytes) == text)
    }

    @Test("A very large amount is told without overflowing")
    func largeAmount() {
        let event = ProgressEvent.amount(stage: "pack", done: 1 << 60, total: 1 << 61, unit: "bytes")
        #expect(PlainLines().line(for: event)?.hasSuffix("(50%)") == true)
    }
}
