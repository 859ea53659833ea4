import Foundation
import Progress
import Testing

@Suite("Progress for programs")
struct JSONLinesTests {
    /// An event and the object that it makes.
    private static let lines: [(ProgressEvent, String)] = [
        (.stage("inspect", detail: ""), #"{"stage":"inspect","type":"status"}"#),
        (.stage("snapshot", detail: "clone"), #"{"detail":"clone","stage":"snapshot","type":"status"}"#),
        (
            .amount(stage: "pack", done: 5, total: 10, unit: "bytes"),
            #"{"done":5,"stage":"pack","total":10,"type":"status","unit":"bytes"}"#
        ),
        (
            .amount(stage: "pack", done: 5, total: 0, unit: "bytes"),
            #"{"done":5,"stage":"pack","type":"status","unit":"bytes"}"#
        ),
        (.note("moved /a/b"), #"{"level":"note","message":"moved /a/b","type":"event"}"#),
        (.warning("look"), #"{"level":"warning","message":"look","type":"event"}"#),
    ]

    @Test("Every event's object", arguments: lines)
    func line(_ event: ProgressEvent, _ line: String) {
        #expect(JSONLines().line(for: event) == line)
    }

    @Test("Line ends, quotes and control characters stay inside the one line")
    func hostileText() throws {
        let text = "first\nsecond \"quoted\" \u{1}\u{7f} \\ ü\u{2028}"
        let line = JSONLines().line(for: .note(text))
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
