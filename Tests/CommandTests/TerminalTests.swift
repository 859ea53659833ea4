import Foundation
import Glibc
import Processes
import TestSupport
import Testing

/// A restore, which looks at the server's version first: it stands there until the test lets it go on, and ends with a
/// damaged package.
@Suite("The built program: what it tells while it runs")
struct TerminalTests {
    private let fixture: CommandFixture

    init() throws {
        self.fixture = try CommandFixture()
        try self.fixture.publish()
        try self.fixture.installServer(
            // Bounded, so that it does not outlive a test that fails.
            "n=0; while [ ! -e '\(self.fixture.folder.path("go"))' ] && [ $((n += 1)) -lt 3000 ]; do sleep 0.05; done\necho 'mysqld  Ver 8.4.0 for Linux'"
        )
    }

    private func go() throws { try self.fixture.folder.write("", to: "go") }

    /// Runs a restore that goes on when the closure has returned.
    private func restore(
        _ options: String...,
        environment: [String: String] = [:],
        on terminal: PseudoTerminal? = nil,
        during: (Int32) async throws -> Void = { _ in }
    ) async throws -> DorsalResult {
        try await DorsalProcess.run(
            ["restore", "--config", self.fixture.folder.path("dorsal.yaml")] + options,
            folder: self.fixture.folder.path,
            environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 },
            terminal: terminal,
            during: { pid in
                try await during(pid)
                try self.go()
            }
        )
    }

    private func wait(_ pid: Int32, _ what: String, until isThere: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isThere() {
            try #require(ProcessTable.isRunning(pid) && ContinuousClock.now < deadline, "waiting for \(what)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test("On a terminal a live line is redrawn by itself, follows the width, and is gone at the end")
    func live() async throws {
        let terminal = try PseudoTerminal(columns: 60)
        let result = try await self.restore(on: terminal) { pid in
            try await self.wait(pid, "a line by itself") { terminal.text.contains("\r[0:01] plan  for 0:01\u{1B}[K") }
            terminal.resize(columns: 12)
            try await self.wait(pid, "a shorter line") {
                terminal.lines.last?.wholeMatch(of: #/\[\d:\d\d\] plan/#) != nil
            }
        }
        #expect(result.status == 7)
        #expect(result.out == "")
        #expect(terminal.text.contains("\r\u{1B}[K\u{1B}[32mdone   \u{1B}[0m  plan  "))
        #expect(terminal.lines.contains { $0.wholeMatch(of: #/done     plan  \d+\.\d s/#) != nil }, "\(terminal.text)")
        #expect(terminal.lines.contains { $0.hasPrefix("failed   unpack: ") }, "\(terminal.text)")
        #expect(terminal.text.contains("\u{1B}[31merror:\u{1B}[0m "))
        // Nothing is left of the live line, and the cursor is at the beginning of a line.
        #expect(!terminal.lines.contains { $0.hasPrefix("[") }, "\(terminal.text)")
        #expect(terminal.lines.last == "")
        #expect(terminal.lines.dropLast().last?.hasPrefix("hint: ") == true)
    }

    @Test(
        "No colour when it is not wanted",
        arguments: [(["NO_COLOR": "1"], []), ([:], ["--no-color"])] as [([String: String], [String])]
    )
    func noColour(_ environment: [String: String], _ options: [String]) async throws {
        let terminal = try PseudoTerminal()
        try self.go()
        let result = try await DorsalProcess.run(
            ["restore", "--config", self.fixture.folder.path("dorsal.yaml")] + options,
            folder: self.fixture.folder.path,
            environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 },
            terminal: terminal
        )
        #expect(result.status == 7)
        #expect(terminal.text.contains("[0:00] plan"))
        #expect(!terminal.text.contains(#/\x1B\[[0-9]+m/#))
        #expect(terminal.lines.contains { $0.hasPrefix("error: ") })
    }

    @Test("A dumb terminal gets plain lines, and so does a pipe")
    func plain() async throws {
        let terminal = try PseudoTerminal()
        let dumb = try await self.restore(environment: ["TERM": "dumb"], on: terminal)
        #expect(dumb.status == 7)
        #expect(terminal.lines.first == "==> plan")
        #expect(!terminal.text.contains("\u{1B}"))
        let piped = try await self.restore()
        #expect(piped.status == 7)
        #expect(piped.out == "")
        #expect(piped.err.hasPrefix("==> plan\n"))
        #expect(piped.err.contains("\nerror: "))
        #expect(!piped.err.contains("\u{1B}") && !piped.err.contains("\r"))
    }

    @Test("Quiet: the error alone, on a terminal as in a pipe")
    func quiet() async throws {
        let terminal = try PseudoTerminal()
        #expect(try await self.restore("--quiet", on: terminal).status == 7)
        #expect(terminal.text.hasPrefix("\u{1B}[31merror:"))
        let piped = try await self.restore("-q")
        #expect(piped.status == 7)
        #expect(piped.err.hasPrefix("error: "))
        let json = try await self.restore("-q", "--json")
        #expect(json.status == 7)
        #expect(json.out.filter { $0 == "\n" }.count == 1)
        #expect(json.error("class") == "integrity")
    }

    @Test("JSON: the first object is there while the first stage goes on; every line parses; nothing on a terminal")
    func json() async throws {
        let terminal = try PseudoTerminal()
        let result = try await self.restore("--json", on: terminal)
        #expect(result.status == 7)
        #expect(terminal.text == "")
        let lines = result.out.split(separator: "\n")
        let objects = result.objects("status")
        #expect(objects.first?["stage"] as? String == "plan")
        #expect(objects.allSatisfy { $0["retries"] as? Int == 0 && $0["seconds_elapsed"] is NSNumber })
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["type"] is String, "\(line)")
        }
    }

    @Test("The first signal is answered at once, and the live line does not stay", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
        let terminal = try PseudoTerminal()
        let result = try await self.restore(on: terminal) { pid in
            try await self.wait(pid, "the live line") { terminal.text.contains("[0:00] plan") }
            kill(pid, signal)
            let answer = "\r\u{1B}[Kinterrupted: cleaning up; once more ends at once\r\n"
            let deadline = ContinuousClock.now + .seconds(60)
            while !terminal.text.contains(answer), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        #expect(result.status == 128 + signal, "\(terminal.text)")
        #expect(terminal.lines.first == "interrupted: cleaning up; once more ends at once")
        #expect(terminal.lines.contains { $0.hasPrefix("stopped  plan  ") }, "\(terminal.text)")
        #expect(terminal.lines.last == "")
        let json = try await self.interruptedJSON(signal)
        #expect(json.objects("event").last?["level"] as? String == "interrupted")
        #expect(json.error("class") == "interrupted")
    }

    private func interruptedJSON(_ signal: Int32) async throws -> DorsalResult {
        try FileManager.default.removeItem(atPath: self.fixture.folder.path("go"))
        let program = "\(self.fixture.base)/bin/mysqld"
        return try await self.restore("--json") { pid in
            try await self.wait(pid, "the child") {
                !ProcessTable.processes(withArgumentContaining: program).isEmpty
            }
            kill(pid, signal)
            _ = try await ProcessTable.waitForEnd(of: [pid], limit: .seconds(60))
        }
    }

    @Test("A list whose reader stops after a line neither hangs nor crashes")
    func listToHead() throws {
        for number in 0..<2000 {
            let id = "20261122T094058Z-\(String(number + 0x100000, radix: 16))"
            try self.fixture.folder.write("{", to: "backups/orders/\(id)/manifest.json")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", "unset ${!DORSAL_*}; \"$0\" list --config \"$1\" | head -n 2; echo ${PIPESTATUS[0]}",
            DorsalProcess.binary,
            self.fixture.folder.path("dorsal.yaml"),
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let out = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(out.contains(#/\n20261122T094058Z-100000  .*DAMAGED: /#))
        #expect(out.hasSuffix("\n2\n"))
    }
}
