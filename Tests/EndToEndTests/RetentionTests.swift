import Dorsal
import Foundation
import Glibc
import S3
import Sandbox
import Storage
import TestSupport
import Testing

/// Old backups of real servers, removed.
@Suite("Retention") struct RetentionTests {
    private static func configure(_ scenario: Scenario, last: Int) throws {
        try scenario.configure(more: "retention:\n  keep_last: \(last)")
    }

    @Test("Pruned, the newest stay and are restored; a running backup keeps them all")
    func pruned() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try Self.configure(scenario, last: 2)
            for _ in 1...3 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            let backup = try await scenario.dorsal("backup", syncPoint: "snapshot") { paused in
                let locked = try await scenario.dorsal("prune")
                #expect(locked.status == 11, "\(locked.all)")
                #expect(locked.error("message").contains("process \(paused.pid) on "))
                #expect(try await scenario.dorsal("delete", ids[0]).status == 11)
                paused.resume()
            }
            #expect(backup.status == 0, "\(backup.all)")
            let all = try scenario.backupIDs()
            let dry = try await scenario.dorsal("prune", "--dry-run")
            #expect(dry.status == 0, "\(dry.all)")
            #expect(try scenario.backupIDs() == all)
            let prune = try await scenario.dorsal("prune")
            #expect(prune.status == 0, "\(prune.all)")
            #expect(try scenario.backupIDs() == Array(all.suffix(2)))
            #expect(try scenario.leftovers() == [])
            let refused = try await scenario.dorsal("delete", all[3])
            #expect(refused.status == 3, "\(refused.all)")
            #expect(refused.error("message").contains("is the last good backup"))
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }

    @Test("What a restore reads is neither pruned nor deleted; afterwards it is")
    func read() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try Self.configure(scenario, last: 1)
            for _ in 1...2 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore", ids[0], syncPoint: "unpack-half") { paused in
                let prune = try await scenario.dorsal("prune")
                #expect(prune.status == 0, "\(prune.all)")
                #expect(prune.out.contains("dorsal restore, process \(paused.pid) on "), "\(prune.all)")
                let delete = try await scenario.dorsal("delete", ids[0])
                #expect(delete.status == 3, "\(delete.all)")
                #expect(delete.error("message").contains("backup \(ids[0]) is being read from "))
                #expect(try scenario.backupIDs() == ids)
                paused.resume()
            }
            #expect(restore.status == 0, "\(restore.all)")
            let prune = try await scenario.dorsal("prune")
            #expect(prune.status == 0, "\(prune.all)")
            #expect(try scenario.backupIDs() == [ids[1]])
            #expect(!FileManager.default.fileExists(atPath: "\(scenario.instanceFolder)/\(ids[0])"))
        }
    }

    @Test("kill -9 between manifest and package: nothing broken is listed, and the next prune finishes it")
    func killed() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try Self.configure(scenario, last: 1)
            for _ in 1...2 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            let killed = try await scenario.dorsal("delete", ids[0], syncPoint: "manifest-removed") { $0.killHard() }
            #expect(killed.status == 128 + SIGKILL)
            let package = "\(scenario.instanceFolder)/\(ids[0])/package.tar.gz"
            #expect(FileManager.default.fileExists(atPath: package))
            let list = try await scenario.dorsal("list")
            #expect(list.status == 0, "\(list.all)")
            #expect(list.objects("backup").count == 1)
            // It is a left-over only once it is old.
            let young = try await scenario.dorsal("prune")
            #expect(young.status == 0, "\(young.all)")
            #expect(FileManager.default.fileExists(atPath: package))
            var configuration = try ConfigurationLoader.load(
                path: scenario.configurationFile,
                environment: [:],
                workingDirectory: scenario.folder
            )
            configuration.retention.grace = .zero
            let summary = try await Dorsal(configuration).prune()
            #expect(summary.cleared == [package])
            #expect(try scenario.leftovers() == [])
            #expect(try scenario.backupIDs() == [ids[1]])
        }
    }

    @Test("SIGINT in the middle of a deletion finishes the backup that was begun")
    func interrupted() async throws {
        try await Scenario.with(.mariadb) { scenario in
            for _ in 1...2 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            let result = try await scenario.dorsal("delete", ids[0], syncPoint: "manifest-removed") { paused in
                kill(paused.pid, SIGINT)
                paused.resume()
            }
            #expect(result.status == 130, "\(result.all)")
            #expect(try scenario.backupIDs() == [ids[1]])
            #expect(try scenario.leftovers() == [])
        }
    }
}

/// The same where backups lie in S3.
@Suite("Retention in S3", .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"))
struct S3RetentionTests {
    @Test(
        "Each place by its own rules; kept ones stay; a copy elsewhere allows a deletion",
        arguments: [S3Server.Kind.seaweedfs, .moto]
    )
    func bothPlaces(_ kind: S3Server.Kind) async throws {
        try await S3Scenario.with(.mariadb, kind) { s3 in
            try s3.configure(keepsLocal: true)
            let scenario = s3.scenario
            for _ in 1...3 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            let none = try await scenario.dorsal("prune")
            #expect(none.status == 64, "\(none.all)")
            let keep = try await scenario.dorsal("keep", ids[0], "--note", "the first")
            #expect(keep.status == 0, "\(keep.all)")
            let text = try String(contentsOfFile: scenario.configurationFile, encoding: .utf8)
            let rules = "retention:\n  local:\n    keep_last: 1\n  s3:\n    keep_last: 2\n"
            try Scenario.write(text + rules, to: scenario.configurationFile, mode: 0o600)
            let prune = try await scenario.dorsal("prune")
            #expect(prune.status == 0, "\(prune.all)")
            #expect(try scenario.backupIDs() == [ids[0], ids[2]])
            #expect(try await s3.keys().filter { $0.hasSuffix("manifest.json") }.count == 3)

            let refused = try await scenario.dorsal("delete", ids[0])
            #expect(refused.status == 3, "\(refused.all)")
            #expect(refused.error("hint").contains("--release"))
            #expect(try await scenario.dorsal("keep", ids[0], "--release").status == 0)
            #expect(try await scenario.dorsal("prune").status == 0)
            #expect(try scenario.backupIDs() == [ids[2]])
            #expect(try await s3.keys().filter { !$0.contains(ids[1]) && !$0.contains(ids[2]) } == [])

            #expect(try await scenario.dorsal("delete", ids[2]).status == 3)
            let local = try await scenario.dorsal("delete", ids[2], "--repository", "local")
            #expect(local.status == 0, "\(local.all)")
            #expect(try scenario.backupIDs() == [])
            let links = try FileManager.default.contentsOfDirectory(atPath: scenario.repository)
                .filter { $0.hasSuffix(".tgz") }
            #expect(links == [])
            #expect(try await scenario.dorsal("delete", ids[2], "--repository", "s3").status == 3)
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }
}
