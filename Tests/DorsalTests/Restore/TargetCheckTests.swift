import Blocking
import Failures
import Foundation
import Glibc
import Processes
import TestSupport
import Testing

@testable import Dorsal

@Suite("Signs of a running server, and files given to a server")
struct TargetCheckTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func layout(_ data: String? = nil, port: UInt16? = nil) throws -> TargetLayout {
        let port = try port ?? ListeningSocket.freePort()
        return TargetLayout(
            .sample(data: data ?? self.folder.path("data"), port: port, socket: self.folder.path("s"))
        )
    }

    private func refusal(_ layout: TargetLayout) throws -> Failure {
        try #require(throws: Failure.self) { try TargetCheck(layout: layout).refuseRunningServer() }
    }

    /// Runs the closure while a child of ours holds a lock on a file, as InnoDB does; its pid is passed.
    private func whileLocked(_ path: String, arguments: [String] = [], body: (Int32) async throws -> Void) async throws
    {
        let script = """
            import fcntl, os, sys, time
            file = open(sys.argv[1], 'r+')
            fcntl.lockf(file, fcntl.LOCK_EX)
            with open(sys.argv[1] + '.new', 'w') as out: out.write(str(os.getpid()))
            os.rename(sys.argv[1] + '.new', sys.argv[1] + '.locked')
            while True: time.sleep(1000)
            """
        let command = ToolCommand("python3", ["-c", script, path] + arguments)
        _ = try await Service.with(command, log: self.folder.path("log"), grace: .seconds(10)) { service in
            while !FileManager.default.fileExists(atPath: "\(path).locked") {
                try #require(service.isRunning)
                await Task.yield()
            }
            let pid = try #require(Int32(String(contentsOfFile: "\(path).locked", encoding: .utf8)))
            try await body(pid)
        }
    }

    @Test("Nothing there, or a stopped server's data: go on")
    func nothing() throws {
        try TargetCheck(layout: self.layout()).refuseRunningServer()
        try self.folder.write("x", to: "data/ibdata1")
        try self.folder.write("x", to: "s")
        try TargetCheck(layout: self.layout()).refuseRunningServer()
    }

    @Test("A lock on the system tablespace or Aria's control file", arguments: ["ibdata1", "aria_log_control"])
    func locked(_ name: String) async throws {
        let path = try self.folder.write("x", to: "data/\(name)")
        #expect(TargetCheck.lockHolder(path) == nil)
        try await self.whileLocked(path) { pid in
            #expect(TargetCheck.lockHolder(path) == pid)
            let failure = try self.refusal(try self.layout())
            #expect(failure.class == .unusable)
            #expect(failure.cause == "process \(pid) holds a lock on \(path)")
            #expect(failure.hint?.contains("--target-dir") == true)
        }
        #expect(TargetCheck.lockHolder(path) == nil)
        #expect(TargetCheck.lockHolder(self.folder.path("none")) == nil)
    }

    @Test("A temporary server that an interrupted restore left is ours to end")
    func ours() async throws {
        let path = try self.folder.write("x", to: "data/ibdata1")
        let layout = try self.layout()
        try await self.whileLocked(path, arguments: ["--log-error=\(layout.serverFolder)/server.log"]) { _ in
            try TargetCheck(layout: layout).refuseRunningServer()
        }
    }

    @Test("A server that answers at the socket, but not the file that a dead one left")
    func socket() throws {
        let path = self.folder.path("s")
        #expect(!TargetCheck.answers(path))
        let socket = try ListeningSocket(path: path)
        #expect(TargetCheck.answers(path))
        #expect(try self.refusal(try self.layout()).cause == "a server answers at \(path)")
        socket.close()
        #expect(!TargetCheck.answers(path))
        #expect(!TargetCheck.answers("/" + String(repeating: "x", count: 200)))
    }

    @Test("Something that listens on the port")
    func port() throws {
        let listening = try ListeningSocket()
        #expect(TargetCheck.listens(listening.port))
        let failure = try self.refusal(try self.layout(port: listening.port))
        #expect(failure.cause == "something listens on port \(listening.port)")
        listening.close()
        #expect(!TargetCheck.listens(listening.port))
    }

    @Test("What cannot be a data directory", arguments: ["/", "data", "", "./data"])
    func noDirectory(_ path: String) throws {
        let failure = try self.refusal(try self.layout(path))
        #expect(failure.class == .usage)
        #expect(failure.message == "'\(path)' cannot be a data directory")
    }

    @Test("Folders and files get the modes that servers give their own")
    func modes() throws {
        try self.folder.write("x", to: "tree/sub/file", mode: 0o777)
        try FileTree(owner: nil).take(self.folder.path("tree"), CancellationFlag())
        for (name, mode) in [("tree", 0o750), ("tree/sub", 0o750), ("tree/sub/file", 0o640)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: self.folder.path(name))
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(name)")
        }
    }

    @Test("Files are moved; what is missing fails; a cancelled walk stops")
    func moves() throws {
        let tree = FileTree(owner: nil)
        let source = try self.folder.write("x", to: "tree/a")
        try tree.move(source, to: self.folder.path("b"))
        #expect(!FileManager.default.fileExists(atPath: source))
        #expect(try String(contentsOfFile: self.folder.path("b"), encoding: .utf8) == "x")
        let failure = try #require(throws: Failure.self) { try tree.move(source, to: self.folder.path("c")) }
        #expect(failure.class == .storage)
        #expect(throws: Failure.self) { try tree.take(self.folder.path("none"), CancellationFlag()) }
        try self.folder.write("x", to: "tree/a")
        let cancelled = CancellationFlag()
        cancelled.set()
        #expect(throws: CancellationError.self) { try tree.take(self.folder.path("tree"), cancelled) }
    }
}
