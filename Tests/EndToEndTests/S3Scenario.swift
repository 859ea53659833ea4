import Failures
import Foundation
import S3
import Sandbox
import Signing
import Storage
import TestSupport
import Testing

/// A scenario whose backups go to a real S3 server, below a prefix of their own.
struct S3Scenario: Sendable {
    let scenario: Scenario
    let server: S3Server
    let prefix: String

    /// Where the engine copies the data to, which is all that is kept on this machine for a while.
    var staging: String { "\(self.scenario.folder)/staging" }

    static func with(
        _ database: TestServer,
        _ kind: S3Server.Kind,
        body: @Sendable @escaping (S3Scenario) async throws -> Void
    ) async throws {
        let server = try await S3Server.shared(kind)
        try await Scenario.with(database) { scenario in
            let prefix = "e2e/\(UUID().uuidString)"
            try await body(S3Scenario(scenario: scenario, server: server, prefix: prefix))
        }
    }

    /// Writes a configuration.
    ///
    /// - Parameters:
    ///   - keepsLocal: whether there is a local repository as well.
    ///   - s3: further or other lines of `repository.s3`.
    ///   - backup: further lines of `backup`.
    ///   - more: further lines at the end.
    func configure(
        keepsLocal: Bool = false,
        s3 other: [String: String] = [:],
        staging: String? = nil,
        backup: [String] = [],
        more: String = ""
    ) throws {
        let account = S3Server.account
        try Scenario.write(account.secretKey.reveal(), to: "\(self.scenario.folder)/secret-key", mode: 0o600)
        var settings = [
            "endpoint": self.server.endpoint, "bucket": S3Server.bucket, "prefix": self.prefix,
            "access_key": account.accessKey, "secret_key_file": "\(self.scenario.folder)/secret-key",
        ]
        settings["ca_file"] = self.server.certificates
        settings.merge(other) { $1 }
        let lines = settings.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        let local = keepsLocal ? ["local: \(self.scenario.repository)"] : []
        let kept = keepsLocal ? [] : ["keep_local: false", "staging: \(staging ?? self.staging)"]
        let section = (["backup:"] + (kept + backup).map { "  \($0)" }).joined(separator: "\n")
        try self.scenario.configure(repository: local + ["s3:"] + lines, more: "\(section)\n\(more)")
    }

    /// Loses the server and what a backup had on this machine, and requires that it comes back from S3, with everything.
    func loseAndRestore() async throws {
        let scenario = self.scenario
        try await scenario.insert("only the peer knows")
        try await scenario.lose()
        try FileManager.default.removeItem(atPath: self.staging)
        let restore = try await scenario.dorsal("restore")
        try #require(restore.status == 0, "\(restore.all)")
        #expect(restore.summary("gtid", "missing") == "")
        try await scenario.startRestored()
        #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
    }

    /// Fills a table with what does not compress well, so that an upload has several parts of 5 MiB.
    func fill() async throws {
        try await self.scenario.lost.query(
            "CREATE TABLE shop.noise (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200))",
            "INSERT INTO shop.noise (text) VALUES (SHA2(RAND(), 512))"
        )
        for _ in 0..<18 {
            try await self.scenario.lost.query("INSERT INTO shop.noise (text) SELECT SHA2(RAND(), 512) FROM shop.noise")
        }
    }

    /// Looks at what the server has.
    func store<Result: Sendable>(_ body: (S3ObjectStore) async throws -> Result) async throws -> Result {
        try await S3ObjectStore.with(self.server.settings(prefix: self.prefix), body)
    }

    /// The keys of all objects below the prefix.
    func keys() async throws -> [String] { try await self.store { try await $0.list("").map(\.key) } }

    /// The key of the newest package.
    func packageKey() async throws -> String { try await self.keys().last { $0.contains("package.") } ?? "none" }

    /// All files of a folder on this machine, but for locks.
    static func files(in folder: String) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        return walk.compactMap { $0 as? String }.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue && !path.hasSuffix(".lock")
        }
    }
}

extension Scenario {
    /// Runs the program with arguments that come as a list.
    func run(_ arguments: [String]) async throws -> DorsalResult {
        try await DorsalProcess.run(
            arguments + ["--config", self.configurationFile, "--json"],
            folder: self.folder
        )
    }
}
