import Failures
import Foundation
import Glibc
import Processes
import TestSupport
import Testing

@testable import Dorsal

@Suite("Hooks, run by a real shell")
struct HookTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func hook(_ line: String, limit: Duration = .seconds(60), input: String = "") -> Hook {
        var hook = Hook(
            key: "hooks.before_backup",
            line: line,
            limit: limit,
            environment: ["PATH": "/usr/bin:/bin", "OUT": self.folder.path("out")],
            input: Array(input.utf8)
        )
        hook.grace = .milliseconds(200)
        return hook
    }

    private func out() throws -> String { try String(contentsOfFile: self.folder.path("out"), encoding: .utf8) }

    private func pid() async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let pid = (try? self.out()).flatMap({ Int32($0.trimmingCharacters(in: .newlines)) }) { return pid }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(.internal, "the hook wrote no pid")
    }

    @Test("It has its input and its environment, and nothing else")
    func input() async throws {
        try await self.hook("cat > $OUT; env >> $OUT", input: #"{"type":"summary"}"#).run()
        let lines = try self.out().split(separator: "\n")
        #expect(lines.first?.hasPrefix(#"{"type":"summary"}"#) == true)
        let names = Set(lines.map { $0.drop { $0 == "{" || $0 == "}" }.prefix { $0 != "=" } })
        #expect(names.isSuperset(of: ["OUT"]))
        #expect(!names.contains("HOME"))
    }

    @Test("Input that is not read, or is larger than a pipe, does no harm")
    func largeInput() async throws {
        let input = String(repeating: "0123456789abcdef", count: 1 << 16)
        try await self.hook("true", input: input).run()
        try await self.hook("wc -c > $OUT", input: input).run()
        #expect(try self.out().trimmingCharacters(in: .whitespacesAndNewlines) == "1048576")
    }

    @Test(
        "One that fails is named, with its status and the last that it printed",
        arguments: [
            ("echo first; echo no disk >&2; exit 3", "failed (exit status 3)", "first\nno disk"),
            ("kill -9 $$", "failed (killed by signal 9)", nil), ("exit 1", "failed (exit status 1)", nil),
            (
                "seq 1 100000; exit 9", "failed (exit status 9)",
                (99_993...100_000).map(String.init).joined(separator: "\n")
            ),
            ("nonexistent-program", "failed (exit status 127)", "not found"),
        ]
    )
    func fails(line: String, problem: String, cause: String?) async throws {
        let failure = try await #require(throws: Failure.self) { try await self.hook(line).run() }
        #expect(failure.class == .unusable)
        #expect(failure.message == "hooks.before_backup \(problem)")
        if let cause {
            #expect(failure.cause?.hasSuffix(cause) == true, "\(failure)")
        } else {
            #expect(failure.cause == nil)
        }
        #expect(failure.hint != nil)
    }

    @Test("What it prints is bounded, also without line ends and without end")
    func output() async throws {
        let long = try await #require(throws: Failure.self) {
            try await self.hook("head -c 5000000 /dev/zero | tr '\\0' x; exit 1").run()
        }
        #expect(long.message == "hooks.before_backup failed (exit status 1)")
        #expect(try #require(long.cause).count == 300)
        let endless = try await #require(throws: Failure.self) {
            try await self.hook("yes >&2", limit: .milliseconds(100)).run()
        }
        #expect(endless.message.hasPrefix("hooks.before_backup did not end within"))
        #expect(try #require(endless.cause).count < 100)
    }

    @Test("One that does not end is stopped with all that it started, also when nobody heeds SIGTERM")
    func endless() async throws {
        let line = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > $OUT; sleep 600; sleep 600' & wait; wait"
        let failure = try await #require(throws: Failure.self) {
            try await self.hook(line, limit: .seconds(5)).run()
        }
        #expect(failure.message == "hooks.before_backup did not end within 5s, and was stopped")
        #expect(failure.hint?.contains("hooks.timeout") == true)
        let pid = try await self.pid()
        #expect(try await ProcessTable.waitForEnd(of: [pid], limit: .seconds(60)))
    }

    @Test("SIGTERM lets it clean up")
    func cleansUp() async throws {
        var hook = self.hook("trap 'echo clean > $OUT; exit 0' TERM; sleep 600 & wait", limit: .seconds(5))
        hook.grace = .seconds(60)
        let failure = try await #require(throws: Failure.self) { try await hook.run() }
        #expect(failure.message.contains("did not end"))
        #expect(try self.out() == "clean\n")
    }

    @Test("A child that lives on and holds the output does not keep us")
    func background() async throws {
        try await self.hook("sleep 600 & echo $! > $OUT").run()
        let pid = try await self.pid()
        #expect(ProcessTable.isRunning(pid))
        kill(pid, SIGKILL)
    }

    @Test("A cancellation ends it; one that begins after that runs to its end")
    func cancelled() async throws {
        let hook = self.hook("echo $$ > $OUT; sleep 600")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hook.run() }
            let pid = try await self.pid()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            #expect(!ProcessTable.isRunning(pid))
        }
        let last = self.hook("echo ran > $OUT; exit 4")
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                let failure = await #expect(throws: Failure.self) { try await last.run() }
                #expect(failure?.message == "hooks.before_backup failed (exit status 4)")
            }
        }
        #expect(try self.out() == "ran\n")
    }
}
