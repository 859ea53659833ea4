import Failures
import Foundation
import Glibc
import Processes
import Synchronization
import TestSupport
import Testing

@Suite("Programs that live as long as a closure")
struct ServiceTests {
    private struct Stop: Error {}

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private var log: String { self.folder.path("log") }
    private let forever = ToolCommand("/bin/sleep", ["1000"])

    @Test("It runs beside the closure and has ended after it")
    func ended() async throws {
        let (pid, wasRunning) = try await Service.with(self.forever, log: self.log, grace: .seconds(10)) { service in
            (service.pid, service.isRunning)
        }.value
        #expect(wasRunning)
        #expect(!ProcessTable.isRunning(pid))
    }

    @Test("It has ended when the closure throws, and the closure's error comes out")
    func thrown() async throws {
        let pid = Mutex<Int32>(0)
        await #expect(throws: Stop.self) {
            try await Service.with(self.forever, log: self.log, grace: .seconds(10)) { service in
                pid.withLock { $0 = service.pid }
                throw Stop()
            }
        }
        let child = pid.withLock { $0 }
        #expect(child > 0)
        #expect(!ProcessTable.isRunning(child))
    }

    @Test("It has ended when the task is cancelled")
    func cancelled() async throws {
        let (log, mark) = (self.log, self.folder.path("mark"))
        let command = ToolCommand("/bin/sh", ["-c", "while :; do sleep 0.05; done", "sh", mark])
        let task = Task {
            try await Service.with(command, log: log, grace: .seconds(10)) { _ in
                try await Task.sleep(for: .seconds(1000))
            }
        }
        while ProcessTable.processes(withArgumentContaining: mark).isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ProcessTable.processes(withArgumentContaining: mark) == [])
    }

    @Test("One that does not heed SIGTERM is killed when the grace is over")
    func stubborn() async throws {
        let ready = self.folder.path("ready")
        let script = "trap '' TERM; : > \(ready); while :; do sleep 0.05; done"
        let command = ToolCommand("/bin/sh", ["-c", script])
        let pid = Mutex<Int32>(0)
        await #expect(throws: Stop.self) {
            try await Service.with(command, log: self.log, grace: .milliseconds(200)) { service in
                pid.withLock { $0 = service.pid }
                while !FileManager.default.fileExists(atPath: ready) { await Task.yield() }
                throw Stop()
            }
        }
        #expect(!ProcessTable.isRunning(pid.withLock { $0 }))
    }

    @Test("How it ended is told: an exit status other than 0, and a signal", arguments: ["exit 3", "kill -9 $$"])
    func badEnd(_ script: String) async throws {
        let command = ToolCommand("/bin/sh", ["-c", script])
        let end = try await Service.with(command, log: self.log, grace: .seconds(10)) { service in
            while service.isRunning { await Task.yield() }
        }.end
        #expect(!end.isClean)
        #expect(end.description.contains(script == "exit 3" ? "3" : "9"))
    }

    @Test("What it prints is appended to the log")
    func output() async throws {
        try self.folder.write("earlier\n", to: "log")
        let command = ToolCommand("/bin/sh", ["-c", "echo out; echo err >&2"])
        let end = try await Service.with(command, log: self.log, grace: .seconds(10)) { service in
            while service.isRunning { await Task.yield() }
        }.end
        #expect(end.isClean)
        #expect(try String(contentsOfFile: self.log, encoding: .utf8) == "earlier\nout\nerr\n")
    }

    @Test("A program that is not there, and a log that cannot be, are failures")
    func failures() async throws {
        let missing = try await #require(throws: Failure.self) {
            try await Service.with(ToolCommand("/no/such", []), log: self.log, grace: .seconds(1)) { _ in
                Issue.record("it ran")
            }
        }
        #expect(missing.class == .unusable)
        #expect(missing.message == "/no/such could not be run")
        let noLog = try await #require(throws: Failure.self) {
            try await Service.with(self.forever, log: "\(self.log)/x/y", grace: .seconds(1)) { _ in
                Issue.record("it ran")
            }
        }
        #expect(noLog.message == "\(self.log)/x/y cannot be opened for the server's messages")
    }
}
