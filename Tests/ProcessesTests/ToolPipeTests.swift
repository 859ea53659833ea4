import Failures
import Foundation
import Processes
import TestSupport
import Testing

/// Programs that write a stream for us, or read one of ours.
@Suite("Programs at the other end of a pipe")
struct ToolPipeTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func sh(_ script: String) -> ToolCommand { ToolCommand("/bin/sh", ["-c", script]) }

    @Sendable private static func readAll(_ pipe: ToolPipe) throws -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while case let count = try buffer.withUnsafeMutableBytes({ try pipe.read(into: $0) }), count > 0 {
            total += count
        }
        return total
    }

    private struct Stop: Error {}

    @Test("All of the output is read, and the last messages are kept, whatever came before them")
    func reading() async throws {
        let script = "head -c 5000000 /dev/zero; seq 1 100000 >&2; echo the end >&2"
        let run = try await self.sh(script).run(messagesIn: self.folder.path, reading: { try Self.readAll($0) })
        #expect(run.result == 5_000_000)
        #expect(run.messages.last == "the end")
        #expect(run.messages.count < 5000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == [])
    }

    @Test("A program that fails behind its output explains it, not who read what it had cut short")
    func failing() async throws {
        let command = self.sh("echo half; echo the disk is away >&2; exit 7")
        let failure = await #expect(throws: Failure.self) {
            try await command.run(
                messagesIn: self.folder.path,
                hint: "mend it",
                reading: { pipe in
                    _ = try Self.readAll(pipe)
                    throw Stop()
                }
            )
        }
        #expect(failure?.message == "sh failed (exit status 7)")
        #expect(failure?.cause == "the disk is away")
        #expect(failure?.hint == "mend it")
        let killed = await #expect(throws: Failure.self) {
            try await self.sh("echo half; kill -9 $$").run(
                messagesIn: self.folder.path,
                reading: { try Self.readAll($0) }
            )
        }
        #expect(killed?.message == "sh failed (killed by signal 9)")
    }

    @Test("A program whose output nobody wants any more is ended")
    func abandoned() async throws {
        let mark = self.folder.path("mark")
        let script = ": > '\(mark)'; while :; do echo more || exit 1; done"
        await #expect(throws: Stop.self) {
            try await self.sh(script).run(
                messagesIn: self.folder.path,
                reading: { pipe in
                    var buffer = [UInt8](repeating: 0, count: 10)
                    _ = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
                    throw Stop()
                }
            )
        }
        #expect(FileManager.default.fileExists(atPath: mark))
        #expect(ProcessTable.processes(withArgumentContaining: mark) == [])
    }

    @Test("What is written arrives, to the last byte")
    func writing() async throws {
        let copy = self.folder.path("copy")
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try await self.sh("cat > '\(copy)'").run(
            messagesIn: self.folder.path,
            writing: { pipe in try bytes.withUnsafeBytes { try pipe.write($0) } }
        )
        #expect(FileManager.default.contents(atPath: copy) == Data(bytes))
    }

    @Test("A program that stops reading explains why; one that is told nothing more is ended")
    func refusing() async throws {
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        let failure = await #expect(throws: Failure.self) {
            try await self.sh("head -c 10 > /dev/null; echo enough >&2; exit 3").run(
                messagesIn: self.folder.path,
                writing: { pipe in while true { try bytes.withUnsafeBytes { try pipe.write($0) } } }
            )
        }
        #expect(failure?.message == "sh failed (exit status 3)")
        #expect(failure?.cause == "enough")
        await #expect(throws: Stop.self) {
            try await self.sh("cat > /dev/null").run(messagesIn: self.folder.path, writing: { _ in throw Stop() })
        }
        let missing = await #expect(throws: Failure.self) {
            try await ToolCommand("/nonexistent/tool", []).run(messagesIn: self.folder.path, writing: { _ in })
        }
        #expect(missing?.message == "/nonexistent/tool could not be run")
    }
}
