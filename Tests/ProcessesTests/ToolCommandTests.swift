import Failures
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Processes

@Suite("Running outside programs")
struct ToolCommandTests {
    private func shell(_ script: String, _ more: String...) -> ToolCommand {
        ToolCommand("/bin/sh", ["-c", script] + more)
    }

    @Test("Output and errors come back together, line by line")
    func output() async throws {
        let seen = Mutex<[String]>([])
        let lines = try await self.shell("echo one; echo two >&2; echo three").run { line in
            seen.withLock { $0.append(line) }
        }
        #expect(lines == ["one", "two", "three"])
        #expect(seen.withLock { $0 } == lines)
        #expect(try await ToolCommand("true", []).run() == [])
    }

    @Test("Arguments arrive as they are, without a shell")
    func arguments() async throws {
        let odd = ["a b", "", "$HOME", "*", "'\"", "ü"]
        #expect(
            try await self.shell("for a in \"$@\"; do echo \"[$a]\"; done", ["sh"] + odd).run() == odd.map { "[\($0)]" }
        )
    }

    private func shell(_ script: String, _ more: [String]) -> ToolCommand {
        ToolCommand("/bin/sh", ["-c", script] + more)
    }

    @Test("A program that reads its input finds nothing there")
    func noInput() async throws {
        #expect(try await ToolCommand("/bin/cat", []).run() == [])
    }

    @Test("An exit status other than 0 is a failure with the last of the output")
    func exitStatus() async throws {
        let failure = try await #require(throws: Failure.self) {
            try await self.shell("for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; exit 3").run(
                failureClass: .integrity,
                hint: "mend it"
            )
        }
        #expect(failure.class == .integrity)
        #expect(failure.message == "sh failed (exit status 3)")
        #expect(failure.cause == (3...10).map { "line \($0)" }.joined(separator: "\n"))
        #expect(failure.hint == "mend it")
        let mute = try await #require(throws: Failure.self) { try await ToolCommand("/bin/false", []).run() }
        #expect(mute.class == .unusable)
        #expect(mute.message == "false failed (exit status 1)")
    }

    @Test("A signal that ended the program is named", arguments: [SIGKILL, SIGSEGV])
    func signal(_ number: Int32) async throws {
        let failure = try await #require(throws: Failure.self) { try await self.shell("kill -\(number) $$").run() }
        #expect(failure.message == "sh failed (killed by signal \(number))")
    }

    @Test("A program that is not there", arguments: ["/no/such/program", "dorsal-no-such-program"])
    func missing(_ name: String) async throws {
        let command = ToolCommand(name, ["--version"])
        let failure = try await #require(throws: Failure.self) { try await command.run(failureClass: .database) }
        #expect(failure.class == .database)
        #expect(failure.message == "\(name) could not be run")
        #expect(failure.hint?.contains("instance.base") == true)
    }

    @Test("A file that is no program")
    func notExecutable() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("text", to: "file", mode: 0o644)
        let failure = try await #require(throws: Failure.self) { try await ToolCommand(path, []).run() }
        #expect(failure.message == "\(path) could not be run")
    }

    @Test("Of a chatty program only the last lines are kept")
    func chatty() async throws {
        let count = Atomic(0)
        let lines = try await self.shell("seq 100000").run { _ in count.add(1, ordering: .relaxed) }
        #expect(count.load(ordering: .relaxed) == 100_000)
        #expect(lines == (99_961...100_000).map(String.init))
    }

    @Test("Bytes that are no text, and a last line without an end, do no harm")
    func oddOutput() async throws {
        let lines = try await self.shell("printf 'a\\377b\\nlast'").run()
        #expect(lines.count == 2)
        #expect(lines.last == "last")
    }

    @Test("A line without an end is no reason to fail")
    func longLine() async throws {
        let lines = try await self.shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last").run()
        #expect(lines.last == "last")
        #expect(lines.count == 40)
        #expect(lines.allSatisfy { $0.utf8.count <= 1 << 16 })
    }

    @Test("Lines are cut at their ends and at the limit, however the bytes arrive")
    func splitting() {
        var lines: [String] = []
        var splitter = LineSplitter(limit: 4)
        for piece in ["on", "e\ntw", "o\r\n", "\n", "abcdefgh", "ij"] {
            splitter.add(piece.utf8) { lines.append($0) }
        }
        splitter.finish { lines.append($0) }
        splitter.finish { lines.append($0) }
        #expect(lines == ["one", "two", "", "abcd", "efgh", "ij"])
    }

    @Test("A cancelled run ends the program, and those that it started, before it returns")
    func cancellation() async throws {
        let mark = "dorsal-mark-\(UUID().uuidString)"
        let task = Task {
            try await self.shell("/bin/sh -c 'while :; do sleep 1; done' \(mark)-child & wait", "\(mark)").run()
        }
        while ProcessTable.processes(withArgumentContaining: "\(mark)-child").isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let children = ProcessTable.processes(withArgumentContaining: mark)
        #expect(try await ProcessTable.waitForEnd(of: children, limit: .seconds(10)))
    }

    @Test("The tail keeps the newest lines, in order")
    func tail() {
        var tail = LineTail(limit: 3)
        #expect(tail.lines == [])
        for number in 1...7 { tail.append("\(number)") }
        #expect(tail.lines == ["5", "6", "7"])
    }

    @Test("Programs are named by their last component in messages")
    func names() {
        #expect(ToolCommand("/usr/sbin/mysqld", []).name == "mysqld")
        #expect(ToolCommand("xtrabackup", []).name == "xtrabackup")
    }
}
