import Testing

@testable import Progress

@Suite("A status in one line")
struct StatusLineTests {
    private static let gibibyte: Int64 = 1 << 30

    private static func status(
        seconds: Double = 34,
        retries: Int = 0,
        _ amount: ProgressStatus.Amount? = nil
    ) -> ProgressStatus {
        ProgressStatus(
            secondsElapsed: seconds,
            stage: "pack",
            detail: "not shown",
            secondsInStage: 12,
            retries: retries,
            amount: amount
        )
    }

    private static let bytes = ProgressStatus.Amount(
        done: gibibyte * 5 / 4,
        total: gibibyte * 10,
        unit: "bytes",
        percent: 12,
        rate: 103_074_000,
        secondsRemaining: 91.2,
        secondsUnchanged: 0.5
    )

    private static let full = "[0:34] pack  12%  1.2/10.0 GiB  98.2 MiB/s  ETA 1:31  retries 2"

    @Test("Everything that there is to say")
    func everything() {
        #expect(StatusLine.text(Self.status(retries: 2, Self.bytes)) == Self.full)
        #expect(StatusLine.text(Self.status(retries: 2, Self.bytes), width: Self.full.count) == Self.full)
        #expect(StatusLine.text(Self.status()) == "[0:34] pack  for 0:12")
    }

    @Test("An unknown total, another unit, a standstill")
    func others() {
        var amount = Self.bytes
        (amount.total, amount.percent, amount.secondsRemaining) = (0, nil, nil)
        #expect(StatusLine.text(Self.status(amount)) == "[0:34] pack  1.2 GiB  98.2 MiB/s")
        (amount.unit, amount.done, amount.total, amount.rate, amount.percent) = ("transactions", 3, 9, 1.57, 33.3)
        #expect(StatusLine.text(Self.status(amount)) == "[0:34] pack  33%  3/9 transactions  1.5/s")
        amount.total = 0
        amount.percent = nil
        amount.rate = 0.01
        #expect(StatusLine.text(Self.status(amount)) == "[0:34] pack  3 transactions")
        amount = Self.bytes
        amount.secondsUnchanged = 75
        #expect(StatusLine.text(Self.status(amount)) == "[0:34] pack  12%  1.2/10.0 GiB  stands still for 1:15")
    }

    @Test("In a narrow terminal the least needed goes first, and what is left is cut", arguments: 0...70)
    func narrow(_ width: Int) {
        let line = StatusLine.text(Self.status(retries: 2, Self.bytes), width: width)
        #expect(line.count <= width)
        #expect(Self.full.hasPrefix(line.prefix(11)))
        if width >= 16 { #expect(line.contains("12%")) }
    }

    @Test(
        "The order in which things go",
        arguments: [
            (63, full), (62, "[0:34] pack  12%  1.2/10.0 GiB  ETA 1:31  retries 2"),
            (50, "[0:34] pack  12%  ETA 1:31  retries 2"), (36, "[0:34] pack  12%  ETA 1:31"),
            (25, "[0:34] pack  12%"), (15, "[0:34] pack"), (3, "[0:"), (0, ""), (-1, ""),
        ]
    )
    func order(_ width: Int, _ line: String) {
        #expect(StatusLine.text(Self.status(retries: 2, Self.bytes), width: width) == line)
    }

    @Test(
        "Seconds as a clock shows them",
        arguments: [
            (0, "0:00"), (9.99, "0:09"), (60, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (360_000, "100:00:00"),
            (-1, "0:00"), (.infinity, "0:00"), (.nan, "0:00"), (1e300, "277777:46:40"),
        ] as [(Double, String)]
    )
    func clock(_ seconds: Double, _ text: String) {
        #expect(StatusLine.clock(seconds) == text)
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

    @Test("A part is in its whole's unit, and what is no number is nothing")
    func parts() {
        #expect(Sizes.text(5, of: 10) == "5/10 B")
        #expect(Sizes.text(1 << 20, of: 1 << 30) == "0.0/1.0 GiB")
        #expect(Sizes.text(Int64.max, of: 1) == "9223372036854775807/1 B")
        #expect(Sizes.text(Double.nan) == "0 B")
        #expect(Sizes.text(-5.0) == "0 B")
        #expect(Sizes.text(1e300) == "909494.7 TiB")
        #expect(Sizes.decimal(1e300) == "1e+300")
        #expect(Sizes.decimal(-0.19) == "-0.1")
    }
}
