import Foundation
import Glibc
import TestSupport
import Testing

/// Files of the wrong owner or mode: what may not be read is named, with who could not read it.
@Suite("The built program, run by a user who may not") struct AnotherUserTests {
    private let fixture: CommandFixture

    init() throws {
        self.fixture = try CommandFixture()
        try self.fixture.publish()
        try self.set(0o755, "")
        try self.set(0o644, "/dorsal.yaml")
        // Where the tests are built, another user may not get to.
        try FileManager.default.copyItem(atPath: DorsalProcess.binary, toPath: self.fixture.folder.path("dorsal"))
        try self.set(0o755, "/dorsal")
    }

    private func set(_ mode: Int, _ path: String) throws {
        let whole = self.fixture.folder.path + path
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: whole)
    }

    /// Runs the program as `nobody`; root itself may read everything.
    private func run(_ command: String) throws -> (status: Int32, error: String) {
        let dorsal = [self.fixture.folder.path("dorsal"), command, "--config", self.fixture.folder.path("dorsal.yaml")]
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let clean = ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"]
        process.arguments = clean + (geteuid() == 0 ? ["runuser", "-u", "nobody", "--"] : []) + dorsal
        process.currentDirectoryURL = URL(filePath: "/")
        let pipe = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("A configuration that may not be read", arguments: ["list", "backup", "restore"])
    func configuration(_ command: String) throws {
        try self.set(0, "/dorsal.yaml")
        let result = try self.run(command)
        #expect(result.status == 64, "\(result.error)")
        #expect(result.error.contains(self.fixture.folder.path("dorsal.yaml")))
        #expect(result.error.contains("permission"))
        #expect(result.error.contains("hint: "))
    }

    @Test("A repository that may not be read names the path and the user, and is not taken for an empty one")
    func repository() throws {
        try self.set(0, "/backups/orders")
        let result = try self.run("list")
        #expect(result.status == 5, "\(result.error)")
        #expect(result.error.contains(self.fixture.folder.path("backups/orders")))
        #expect(result.error.contains("runs as uid"))
    }

    @Test("A manifest that may not be read is not taken for none")
    func manifest() throws {
        try self.set(0o755, "/backups")
        try self.set(0o755, "/backups/orders")
        try self.set(0o755, "/backups/orders/\(CommandFixture.id)")
        try self.set(0, "/backups/orders/\(CommandFixture.id)/manifest.json")
        let result = try self.run("show")
        #expect(result.status == 5, "\(result.error)")
        #expect(result.error.contains("manifest.json"))
        #expect(result.error.contains("hint: "))
    }
}
