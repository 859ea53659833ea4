import Failures
import Foundation
import Glibc
import Storage
import Testing

@Suite("A lock")
struct FileLockTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// A process that holds the lock, once this returns.
    private func startHolder(of path: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "exec 9>>\"$0\"; flock 9; echo ready; exec sleep 60", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        #expect(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) == "ready\n")
        return process
    }

    @Test("the second one learns who holds it and since when")
    func taken() throws {
        let path = self.folder("lock")
        let lock = try FileLock(at: path, command: "backup alpha")
        let failure = expectFailure(.locked, containing: "process \(getpid()) on ") {
            _ = try FileLock(at: path, command: "backup beta")
        }
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, 255)
        let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        #expect(failure?.message.contains(" on \(name) since 2") == true)
        #expect(failure?.cause == "backup alpha")
        #expect(failure?.hint?.isEmpty == false)
        #expect(mode(of: path) == "600")
        lock.release()
        lock.release()
    }

    @Test("its file says who holds it, as JSON, and nobody once it is given back")
    func content() throws {
        let path = self.folder("lock")
        let lock = try FileLock(at: path, command: "backup")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let owner = try decoder.decode(LockOwner.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(owner.pid == getpid())
        #expect(owner.command == "backup")
        #expect(abs(owner.startedAt.timeIntervalSinceNow) < 60)
        lock.release()
        #expect(try Data(contentsOf: URL(filePath: path)).isEmpty)
        #expect(throws: Never.self) { try FileLock(at: path, command: "next").release() }
    }

    @Test("its holder can be asked for without taking it; a name that a killed one left is none")
    func holder() throws {
        let path = self.folder("lock")
        #expect(try FileLock.holder(at: path) == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
        let lock = try FileLock(at: path, command: "backup alpha")
        #expect(try FileLock.holder(at: path)?.class == .locked)
        #expect(try FileLock.holder(at: path)?.cause == "backup alpha")
        let left = try Data(contentsOf: URL(filePath: path))
        lock.release()
        #expect(try FileLock.holder(at: path) == nil)
        try left.write(to: URL(filePath: path))
        #expect(try FileLock.holder(at: path) == nil)
        expectFailure(.storage, containing: "lock") { _ = try FileLock.holder(at: path + "/below") }
    }

    @Test("letting go of it gives it back")
    func letGo() throws {
        let path = self.folder("lock")
        do { _ = try FileLock(at: path, command: "one") }
        let lock = try FileLock(at: path, command: "two")
        expectFailure(.locked) { _ = try FileLock(at: path, command: "three") }
        withExtendedLifetime(lock) {}
    }

    @Test("another process holds it until it is killed")
    func otherProcess() throws {
        let path = self.folder("lock")
        let process = try self.startHolder(of: path)
        expectFailure(.locked, containing: "left no name") { _ = try FileLock(at: path, command: "late") }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let lock = try FileLock(at: path, command: "late")
        expectFailure(.locked, containing: "process \(getpid())") { _ = try FileLock(at: path, command: "later") }
        lock.release()
    }

    @Test("another process finds it taken, and a process started meanwhile does not keep it")
    func excludesOthers() throws {
        let path = self.folder("lock")
        let lock = try FileLock(at: path, command: "here")
        let sleeper = try Process.run(URL(filePath: "/bin/sleep"), arguments: ["60"])
        defer { sleeper.terminate() }
        let attempt = try Process.run(URL(filePath: "/usr/bin/flock"), arguments: ["-n", path, "true"])
        attempt.waitUntilExit()
        #expect(attempt.terminationStatus == 1)
        lock.release()
        #expect(throws: Never.self) { try FileLock(at: path, command: "again").release() }
    }

    @Test("a copy of its descriptor, as a child has just after fork(2), does not keep it")
    func copiedDescriptor() throws {
        let path = self.folder("lock")
        let lock = try FileLock(at: path, command: "here")
        let own = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
        }
        let copy = dup(try #require(own))
        defer { close(copy) }
        lock.release()
        #expect(throws: Never.self) { try FileLock(at: path, command: "again").release() }
    }

    @Test("what a killed process left in the file does not count")
    func stale() throws {
        let path = self.folder("lock")
        try Data("{\"pid\": 1, broken".utf8).write(to: URL(filePath: path))
        let lock = try FileLock(at: path, command: "now")
        expectFailure(.locked, containing: "process \(getpid())") { _ = try FileLock(at: path, command: "late") }
        lock.release()
    }

    @Test("a place that cannot hold it is named", arguments: ["missing/lock", "file/lock", "link"])
    func errors(name: String) throws {
        try Data().write(to: URL(filePath: self.folder("file")))
        symlink("file", self.folder("link"))
        expectFailure(.storage, containing: self.folder(name)) {
            _ = try FileLock(at: self.folder(name), command: "never")
        }
        expectFailure(.storage, containing: "Cannot") { _ = try FileLock(at: "/proc/dorsal", command: "never") }
    }
}
