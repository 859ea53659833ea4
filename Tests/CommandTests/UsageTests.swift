import Foundation
import TestSupport
import Testing

@Suite("The built program: what the user must change")
struct UsageTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func dorsal(_ arguments: [String], environment: [String: String] = [:]) async throws -> DorsalResult {
        try await DorsalProcess.run(arguments, folder: self.folder.path, environment: environment)
    }

    private func configured() throws -> String {
        try self.folder.write("", to: "backups/.keep")
        return try self.folder.write(
            "instance:\n  name: orders\n  id: 1\n  data: \(self.folder.path("data"))\n"
                + "repository:\n  local: \(self.folder.path("backups"))\n",
            to: "dorsal.yaml"
        )
    }

    private static let verbs = [
        ["backup"], ["restore"], ["catch-up"], ["doctor"], ["list"], ["show"], ["verify"], ["prune"],
    ]

    @Test("A missing configuration ends every verb with the file's name", arguments: verbs)
    func noConfiguration(_ verb: [String]) async throws {
        let path = self.folder.path("none.yaml")
        let result = try await self.dorsal(verb + ["--config", path])
        #expect(result.status == 64)
        #expect(result.out == "")
        #expect(result.err.hasPrefix("error: "))
        #expect(result.err.contains(path))
        let byEnvironment = try await self.dorsal(verb, environment: ["DORSAL_CONFIG": path])
        #expect(byEnvironment.status == 64)
        #expect(byEnvironment.err.contains(path))
    }

    @Test("A broken configuration is named with file and line")
    func brokenConfiguration() async throws {
        let path = try self.folder.write("instance:\n  id: 1\n  colour: blue\n", to: "dorsal.yaml")
        let unknown = try await self.dorsal(["list", "--config", path])
        #expect(unknown.status == 64)
        #expect(unknown.err.contains("\(path):3"))
        try self.folder.write("instance:\n  id: [1\n", to: "dorsal.yaml")
        let broken = try await self.dorsal(["list", "--config", path])
        #expect(broken.status == 64)
        #expect(broken.err.contains("\(path):"))
    }

    @Test("With --json an error is an object on standard output, and nothing else is printed")
    func errorObject() async throws {
        let result = try await self.dorsal(["show", "nonsense", "--config", self.configured(), "--json"])
        #expect(result.status == 64)
        #expect(result.err == "")
        #expect(result.out.filter { $0 == "\n" }.count == 1)
        let error = try #require(result.objects("error").first)
        #expect(Set(error.keys) == ["type", "code", "class", "message", "hint"])
        #expect(error["code"] as? Int == 64)
        #expect(error["class"] as? String == "usage")
        #expect(error["message"] as? String == "'nonsense' is not a backup's id")
        #expect((error["hint"] as? String)?.contains("dorsal list") == true)
    }

    @Test("Without --json message and hint are lines on standard error")
    func errorText() async throws {
        let result = try await self.dorsal(["show", "nonsense", "--config", self.configured()])
        #expect(result.status == 64)
        #expect(result.out == "")
        #expect(result.err.hasPrefix("error: 'nonsense' is not a backup's id\nhint: "))
    }

    @Test(
        "Nothing there to restore or show",
        arguments: [
            (["restore"], "there is no backup of orders"), (["restore", "--dry-run"], "there is no backup of orders"),
            (["show"], "there is no backup of orders"), (["restore", "nonsense"], "is not a backup's id"),
            (["verify"], "there is no backup of orders"), (["keep", "latest"], "there is no backup of orders"),
            (["delete", "20261122T094058Z-1f3a9c"], "there is no backup 20261122T094058Z-1f3a9c of orders"),
            (["list", "--since", "7"], "'7' is not a time"), (["prune"], "there is no rule of which backups to keep"),
            (["list", "--repository", "s3"], "there is no repository.s3 in the configuration"),
            (["restore", "20261122T094058Z-1f3a9c"], "there is no backup 20261122T094058Z-1f3a9c of orders"),
            (["show", "20261122T094058Z-1f3a9c"], "there is no backup 20261122T094058Z-1f3a9c of orders"),
        ]
    )
    func nothingThere(_ verb: [String], _ message: String) async throws {
        let result = try await self.dorsal(verb + ["--config", self.configured(), "--json"])
        #expect(result.status == 64, "\(result.all)")
        #expect(result.error("message").contains(message))
        #expect(!result.error("hint").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: self.folder.path("data.dorsal-restore")))
    }

    @Test("A reader that has gone is no reason to crash")
    func readerGone() async throws {
        let script = "\"$0\" show nonsense --json --config \"$1\" | true; echo ${PIPESTATUS[0]}"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script, DorsalProcess.binary, try self.configured()]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let out = try pipe.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        #expect(String(decoding: out ?? Data(), as: UTF8.self) == "64\n")
    }
}
