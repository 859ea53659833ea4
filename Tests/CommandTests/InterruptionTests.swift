import Foundation
import Glibc
import Processes
import TestSupport
import Testing

@Suite("The built program: signals")
struct InterruptionTests {
    private let fixture: CommandFixture

    init() throws { self.fixture = try CommandFixture() }

    @Test("130 and 143: interrupted while a child runs, which is ended", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
        try self.fixture.publish()
        try self.fixture.installServer("while :; do sleep 0.05; done")
        let program = "\(self.fixture.base)/bin/mysqld"
        let arguments = ["restore", "--config", self.fixture.folder.path("dorsal.yaml"), "--json"]
        let result = try await DorsalProcess.run(arguments, folder: self.fixture.folder.path, syncPoint: "plan") {
            paused in
            paused.resume()
            while ProcessTable.processes(withArgumentContaining: program).isEmpty {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, signal)
        }
        #expect(result.status == 128 + signal, "\(result.all)")
        #expect(result.error("message").hasPrefix("interrupted by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"))
        #expect(ProcessTable.processes(withArgumentContaining: program) == [])
    }
    @Test("A second signal ends the program at once, whatever its children do")
    func secondSignal() async throws {
        try self.fixture.publish()
        let asked = self.fixture.folder.path("asked")
        try self.fixture.installServer(
            "exec > /dev/null 2>&1\ntrap ': > \(asked)' TERM\n: > \(asked).ready\nwhile :; do sleep 0.05; done"
        )
        let program = "\(self.fixture.base)/bin/mysqld"
        let arguments = ["restore", "--config", self.fixture.folder.path("dorsal.yaml")]
        let result = try await DorsalProcess.run(arguments, folder: self.fixture.folder.path, syncPoint: "plan") {
            paused in
            paused.resume()
            while !FileManager.default.fileExists(atPath: "\(asked).ready") {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, SIGTERM)
            while !FileManager.default.fileExists(atPath: asked) {
                try #require(ProcessTable.isRunning(paused.pid))
                await Task.yield()
            }
            kill(paused.pid, SIGTERM)
        }
        #expect(result.status == 143, "\(result.all)")
        try await ProcessTable.end(ProcessTable.processes(withArgumentContaining: program), grace: .zero)
    }
}
