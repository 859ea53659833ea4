import Foundation
import Glibc
import Processes
import TestSupport
import Testing

@Suite("What /proc says of processes")
struct ProcessTableTests {
    /// A number that no process has: the highest that the kernel gives is 2²².
    private let nobody: Int32 = 1 << 30

    @Test("This process runs; one that never was does not")
    func isRunning() {
        #expect(ProcessTable.isRunning(getpid()))
        #expect(ProcessTable.isRunning(1))
        #expect(!ProcessTable.isRunning(self.nobody))
        #expect(!ProcessTable.isRunning(-1))
    }

    @Test("A process is found by an argument of its own, and only while it runs")
    func found() async throws {
        let folder = try TemporaryFolder()
        let mark = folder.path("mark me")
        let command = ToolCommand("/bin/sh", ["-c", "while :; do sleep 0.05; done", "sh", "--path=\(mark)/more"])
        let pid = try await Service.with(command, log: folder.path("log"), grace: .seconds(10)) { service in
            #expect(ProcessTable.processes(withArgumentContaining: mark) == [service.pid])
            #expect(ProcessTable.arguments(of: service.pid) == ["/bin/sh"] + command.arguments)
            #expect(ProcessTable.processes(withArgumentContaining: "\(mark)/less") == [])
            return service.pid
        }.value
        #expect(ProcessTable.processes(withArgumentContaining: mark) == [])
        #expect(ProcessTable.arguments(of: pid) == [])
        #expect(ProcessTable.arguments(of: self.nobody) == [])
    }

    @Test("This process itself is never among those found")
    func notOurselves() throws {
        let own = try #require(ProcessTable.arguments(of: getpid()).first)
        #expect(!ProcessTable.processes(withArgumentContaining: own).contains(getpid()))
    }

    @Test("Processes are ended: those that heed SIGTERM, and those that do not")
    func end() async throws {
        let folder = try TemporaryFolder()
        let ready = folder.path("ready")
        let loop = "while :; do sleep 0.05; done"
        let meek = ToolCommand("/bin/sh", ["-c", loop])
        let stubborn = ToolCommand("/bin/sh", ["-c", "trap '' TERM; : > \(ready); \(loop)"])
        _ = try await Service.with(meek, log: folder.path("log"), grace: .seconds(10)) { first in
            let stubborn = try await Service.with(stubborn, log: folder.path("log"), grace: .seconds(10)) { second in
                while !FileManager.default.fileExists(atPath: ready) { await Task.yield() }
                #expect(try await !ProcessTable.waitForEnd(of: [second.pid], limit: .zero))
                try await ProcessTable.end([first.pid, second.pid], grace: .milliseconds(300))
                #expect(!first.isRunning)
                #expect(!second.isRunning)
            }
            #expect(!stubborn.end.isClean)
            #expect(stubborn.end.description.contains("9"))
        }
    }

    @Test("Nothing to wait for is waited for")
    func nothing() async throws {
        #expect(try await ProcessTable.waitForEnd(of: [], limit: .zero))
        #expect(try await ProcessTable.waitForEnd(of: [self.nobody], limit: .zero))
        #expect(try await !ProcessTable.waitForEnd(of: [getpid()], limit: .zero))
    }
}
