import Failures
import Foundation
import Processes
import S3
import Sandbox
import Signing
import TestSupport
import Testing

/// Passwords are nowhere to be seen.
@Suite("Secrets") struct SecretTests {
    private static let secrets = [
        Scenario.password, SandboxTemplate.replicationPassword, "client-Secret-Word-3",
        S3Server.account.secretKey.reveal(),
    ]

    @Test("No password in arguments, output, logs or the package", arguments: TestServer.allCases)
    func noPasswordAnywhere(_ server: TestServer) async throws {
        try await S3Scenario.with(server, .moto) { s3 in
            let scenario = s3.scenario
            try s3.configure(keepsLocal: true)
            let options = try String(contentsOfFile: scenario.lost.optionFile, encoding: .utf8)
            try Scenario.write(
                options + "[client]\npassword = client-Secret-Word-3\n",
                to: scenario.lost.optionFile,
                mode: 0o644
            )
            let backup = try await Self.watched(scenario, "backup")
            try #require(backup.result.status == 0, "\(backup.result.all)")
            #expect(backup.arguments.contains { $0.contains("--target-dir") || server == .mysql })
            try await Self.checkPackage(scenario)
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let restore = try await Self.watched(scenario, "restore")
            try #require(restore.result.status == 0, "\(restore.result.all)")
            #expect(restore.arguments.contains { $0.contains("--server-id=") })
            try Self.checkLogs(scenario)
            for secret in Self.secrets {
                #expect(!backup.arguments.contains { $0.contains(secret) })
                #expect(!restore.arguments.contains { $0.contains(secret) })
                #expect(!backup.result.all.contains(secret))
                #expect(!restore.result.all.contains(secret))
            }
        }
    }

    private struct Watched {
        let result: DorsalResult
        /// All arguments of all processes that were seen while it ran.
        let arguments: Set<String>
    }

    /// Runs the program and reads every process's arguments all the while.
    private static func watched(_ scenario: Scenario, _ verb: String) async throws -> Watched {
        var seen: Set<String> = []
        let result = try await DorsalProcess.run(
            [verb, "--config", scenario.configurationFile, "--json"],
            folder: scenario.folder,
            during: { pid in
                while ProcessTable.isRunning(pid) {
                    let pids = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
                    for pid in pids { seen.formUnion(ProcessTable.arguments(of: pid)) }
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
        )
        return Watched(result: result, arguments: seen)
    }

    /// Everything that servers and Dorsal wrote outside the data, but for the files that are there to hold a password.
    private static func checkLogs(_ scenario: Scenario) throws {
        let root = scenario.group.folder
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).filter { name in
            !name.contains("/data/") && !name.hasSuffix("password") && !name.hasSuffix("secret-key")
                && !name.contains("dorsal/unpacked/")
        }
        #expect(names.contains { $0.hasSuffix("error.log") })
        for name in names {
            guard let data = FileManager.default.contents(atPath: "\(root)/\(name)") else { continue }
            for secret in Self.secrets { #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)") }
        }
    }

    /// A replication password may stand in the data, where MySQL itself keeps it; nothing else may stand anywhere.
    private static func checkPackage(_ scenario: Scenario) async throws {
        let folder = "\(scenario.folder)/unpacked"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await ToolCommand("tar", ["xzf", try scenario.package(), "-C", folder]).run()
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        #expect(names.contains("my.cnf"))
        #expect(names.contains { $0.hasPrefix("binlog/") })
        #expect(!names.contains { $0.hasSuffix("auto.cnf") })
        #expect(!names.contains { $0.hasSuffix("login.cnf") })
        for name in names {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            for secret in Self.secrets {
                if secret == SandboxTemplate.replicationPassword, name.hasPrefix("data/") { continue }
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
    }
}
