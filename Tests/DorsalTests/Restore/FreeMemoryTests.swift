import Foundation
import TestSupport
import Testing

@testable import Dorsal

@Suite("Free memory")
struct FreeMemoryTests {
    private static let megabyte: Int64 = 1 << 20

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// A machine with 8 GiB available, and the control group `/a/b`.
    private func memory(_ files: [String: String], group: String = "0::/a/b\n") throws -> FreeMemory {
        try FileManager.default.createDirectory(
            atPath: self.folder.path("groups/a/b"),
            withIntermediateDirectories: true
        )
        for (name, text) in files { try self.folder.write(text, to: "groups/\(name)") }
        return FreeMemory(
            machine: try self.folder.write("MemTotal: 9 kB\nMemAvailable:    8388608 kB\n", to: "meminfo"),
            membership: try self.folder.write(group, to: "cgroup"),
            groups: self.folder.path("groups")
        )
    }

    @Test("The machine's memory counts where no group has a limit")
    func machine() throws {
        #expect(try self.memory([:]).bytes == 8192 * Self.megabyte)
        #expect(
            try self.memory(["a/b/memory.max": "max\n", "a/b/memory.current": "5\n"]).bytes == 8192 * Self.megabyte
        )
        #expect(try self.memory(["a/memory.max": "1\n"], group: "7:memory:/a\n").bytes == 8192 * Self.megabyte)
    }

    @Test("A limit of the group, or of one above it, counts; cached files make room")
    func limits() throws {
        let files = [
            "a/b/memory.max": "\(1000 * Self.megabyte)\n", "a/b/memory.current": "\(600 * Self.megabyte)\n",
            "a/b/memory.stat": "anon 5\nfile \(100 * Self.megabyte)\nfile_mapped 7\n",
        ]
        #expect(try self.memory(files).bytes == 500 * Self.megabyte)
        let above = ["a/memory.max": "\(900 * Self.megabyte)\n", "a/memory.current": "\(600 * Self.megabyte)\n"]
        #expect(try self.memory(files.merging(above) { $1 }).bytes == 300 * Self.megabyte)
        let full = ["a/memory.current": "\(2000 * Self.megabyte)\n"]
        #expect(try self.memory(files.merging(above.merging(full) { $1 }) { $1 }).bytes == 200 * Self.megabyte)
    }

    @Test("Without a word of the kernel there is little")
    func unknown() {
        let nowhere = FreeMemory(machine: "/nothing", membership: "/nothing", groups: "/nothing")
        #expect(nowhere.bytes == 200 * Self.megabyte)
        #expect(FreeMemory().bytes >= 200 * Self.megabyte)
    }
}
