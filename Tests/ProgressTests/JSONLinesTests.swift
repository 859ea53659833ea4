import Foundation
import Testing

@testable import Progress

@Suite("Progress for programs")
struct JSONLinesTests {
    private static func status(detail: String = "", _ amount: ProgressStatus.Amount? = nil) -> String {
        JSONLines().status(
            ProgressStatus(
                secondsElapsed: 34.19,
                stage: "pack",
                detail: detail,
                secondsInStage: 3,
                retries: 2,
                amount: amount
            )
        )
    }

    @Test("A stage that begins")
    func stage() {
        #expect(Self.status() == #"{"retries":2,"seconds_elapsed":34.1,"stage":"pack","type":"status"}"#)
        #expect(
            Self.status(detail: "clone")
                == #"{"detail":"clone","retries":2,"seconds_elapsed":34.1,"stage":"pack","type":"status"}"#
        )
    }

    @Test("An amount in bytes, with what is known of it")
    func bytes() {
        var amount = ProgressStatus.Amount(
            done: 5,
            total: 10,
            unit: "bytes",
            percent: 50,
            rate: 1.5,
            secondsRemaining: 3.3,
            secondsUnchanged: 0
        )
        #expect(
            Self.status(amount)
                == #"{"bytes_done":5,"bytes_per_second":1,"done":5,"percent_done":50,"retries":2,"#
                + #""seconds_elapsed":34.1,"seconds_remaining":4,"stage":"pack","total":10,"total_bytes":10,"#
                + #""type":"status","unit":"bytes"}"#
        )
        (amount.total, amount.percent, amount.rate, amount.secondsRemaining) = (0, nil, nil, nil)
        #expect(
            Self.status(amount)
                == #"{"bytes_done":5,"done":5,"retries":2,"seconds_elapsed":34.1,"stage":"pack","type":"status","unit":"bytes"}"#
        )
    }

    @Test("An amount of something else has no bytes")
    func transactions() {
        let amount = ProgressStatus.Amount(
            done: 1,
            total: 3,
            unit: "transactions",
            percent: 33.34,
            rate: 1e300,
            secondsUnchanged: 0
        )
        #expect(
            Self.status(amount)
                == #"{"done":1,"percent_done":33.3,"retries":2,"seconds_elapsed":34.1,"stage":"pack","total":3,"#
                + #""type":"status","unit":"transactions"}"#
        )
    }

    @Test("Events by their level")
    func events() {
        let lines = JSONLines()
        #expect(lines.event(.note, "moved /a/b") == #"{"level":"note","message":"moved /a/b","type":"event"}"#)
        #expect(lines.event(.warning, "look") == #"{"level":"warning","message":"look","type":"event"}"#)
        #expect(lines.event(.interrupted, "by") == #"{"level":"interrupted","message":"by","type":"event"}"#)
        #expect(
            lines.event(.retry, "503", retries: 3) == #"{"level":"retry","message":"503","retries":3,"type":"event"}"#
        )
    }

    @Test("Line ends, quotes and control characters stay inside the one line")
    func hostileText() throws {
        let text = "first\nsecond \"quoted\" \u{1}\u{7f} \\ ü\u{2028}"
        let line = JSONLines().event(.note, text)
        #expect(!line.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object?["message"] == text)
    }

    private struct Sample: Encodable {
        let serverUuid: String?
        let when: Date
        let seconds: [String: Double]
    }

    @Test("Keys are in snake_case and sorted; a map's keys are data and stay")
    func keys() {
        let sample = Sample(serverUuid: "u", when: Date(timeIntervalSince1970: 0), seconds: ["catchUp": 1.5])
        #expect(
            JSONLines.encode(sample)
                == #"{"seconds":{"catchUp":1.5},"server_uuid":"u","when":"1970-01-01T00:00:00Z"}"#
        )
    }

    @Test("What JSON cannot hold is an empty object, not a broken line")
    func notANumber() {
        #expect(JSONLines.encode(["seconds": Double.nan]) == "{}")
    }
}
