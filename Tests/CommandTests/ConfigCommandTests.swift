import Foundation
import TestSupport
import Testing

@testable import enum Commands.SecretOptions

@Suite("The built program: the configuration, and secrets on command lines")
struct ConfigCommandTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func dorsal(_ arguments: [String], environment: [String: String] = [:]) async throws -> DorsalResult {
        try await DorsalProcess.run(arguments, folder: self.folder.path, environment: environment)
    }

    private func configured(_ more: String = "") throws -> String {
        try self.folder.write("[mysqld]\n", to: "data/my.cnf")
        let yaml = """
            instance: { id: 1, data: data, os_user: root, password: topsecret }
            repository: { local: data }

            """
        return try self.folder.write(yaml + more, to: "dorsal.yaml")
    }

    @Test("show prints every value with its source, and no secret")
    func show() async throws {
        let file = try self.configured()
        let environment = ["DORSAL_INSTANCE_PORT": "3311"]
        let text = try await self.dorsal(["config", "show", "--config", file], environment: environment)
        #expect(text.status == 0, "\(text.all)")
        #expect(text.out.contains(#/instance\.port +3311 +DORSAL_INSTANCE_PORT\n/#))
        #expect(text.out.contains(#/instance\.password +\(hidden\) +\S+dorsal\.yaml:1\n/#))
        #expect(!text.all.contains("topsecret"))
        let json = try await self.dorsal(["config", "show", "--json", "--config", file], environment: environment)
        let port = json.objects("setting").first { $0["key"] as? String == "instance.port" }
        #expect(port?["value"] as? String == "3311")
        #expect(port?["source"] as? String == "DORSAL_INSTANCE_PORT")
        #expect(!json.all.contains("topsecret"))
    }

    @Test("check says that a file is fine, or ends with 2 for warnings and 64 for problems")
    func check() async throws {
        let file = try self.configured()
        let fine = try await self.dorsal(["config", "check", "--config", file])
        #expect(fine.status == 0, "\(fine.all)")
        #expect(fine.out == "\(file) is fine\n")
        _ = try self.configured("backup: { staging: nowhere }\n")
        let warned = try await self.dorsal(["config", "check", "--config", file])
        #expect(warned.status == 2)
        #expect(warned.err.contains("backup.staging: there is no folder \(self.folder.path("nowhere"))"))
        _ = try self.configured("replication: { password_file: none, user: r }\n")
        let wrong = try await self.dorsal(["config", "check", "--config", file, "--json"])
        #expect(wrong.status == 64)
        #expect(wrong.error("message").contains(self.folder.path("none")))
    }

    @Test("keys prints the reference, without any configuration")
    func keys() async throws {
        let text = try await self.dorsal(["config", "keys"])
        #expect(text.status == 0)
        #expect(text.out.contains("\nretention.s3.keep_last\n"))
        let json = try await self.dorsal(["config", "keys", "--json"])
        let key = json.objects("key").first { $0["key"] as? String == "backup.keep_local" }
        #expect(key?["default"] as? String == "true")
        #expect(key?["variable"] as? String == "DORSAL_BACKUP_KEEP_LOCAL")
    }

    @Test(
        "A secret on the command line is refused, and never repeated",
        arguments: [
            ["backup", "--password", "topsecret"], ["--password=topsecret"], ["restore", "-ptopsecret"],
            ["list", "--s3-secret-key=topsecret"], ["--pasword=topsecret"], ["backup", "-p"], ["--secret_key", "x"],
            ["backup", "--passwordtopsecret"], ["list", "--session-token", "topsecret"],
        ]
    )
    func refused(_ arguments: [String]) async throws {
        let result = try await self.dorsal(arguments)
        #expect(result.status == 64)
        #expect(result.out == "")
        #expect(result.err.contains("secrets do not belong on command lines"))
        #expect(result.err.contains("instance.password_file"))
        #expect(!result.all.contains("topsecret"))
        let json = try await self.dorsal(arguments + ["--json"])
        #expect(json.error("class") == "usage")
        #expect(!json.all.contains("topsecret"))
    }

    @Test(
        "Other options are let through",
        arguments: ["--port", "--password-file", "--json", "-c", "--dry-run", "--parts", "x"]
    )
    func letThrough(_ argument: String) { #expect(SecretOptions.name(argument) == nil) }
}
