import Failures
import Foundation
import Glibc
import Processes
import S3
import Sandbox
import Storage
import TestSupport
import Testing

/// Backups that leave the machine while they are made, and come back from there alone.
@Suite("Backups in S3", .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"))
struct S3RepositoryTests {
    @Test(
        "From S3 alone onto an empty machine, with proof",
        arguments: TestServer.allCases,
        [S3Server.Kind.seaweedfs, .moto]
    )
    func emptyMachine(_ database: TestServer, _ kind: S3Server.Kind) async throws {
        try await S3Scenario.with(database, kind) { s3 in
            let scenario = s3.scenario
            // Small parts, so that there are several.
            try s3.configure(s3: ["part_size": "5MiB"])
            try await s3.fill()
            let backup = try await scenario.dorsal("backup")
            try #require(backup.status == 0, "\(backup.all)")
            #expect(backup.summary("package", "local") == nil)
            let key = try await s3.packageKey()
            #expect(backup.summary("package", "s3") == "s3://\(S3Server.bucket)/\(s3.prefix)/\(key)")
            let facts = try #require(try await s3.store { try await $0.head(key) })
            #expect(facts.metadata["sha1"] == backup.summary("package", "sha1"))
            #expect(facts.metadata["sha256"] == backup.summary("package", "sha256"))
            #expect(try await s3.keys().count == 2)
            #expect(S3Scenario.files(in: s3.staging) == [])

            try await s3.loseAndRestore()
        }
    }

    @Test("A whole local copy is preferred; a bad one is told of, and the one in S3 is used")
    func localFirst() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let scenario = s3.scenario
            try s3.configure(keepsLocal: true)
            try await scenario.backUp()
            let path = try scenario.package()
            let list = try await scenario.dorsal("list")
            #expect(list.status == 0, "\(list.all)")
            #expect(list.objects("backup").first?["local"] as? String == path)
            #expect((list.objects("backup").first?["s3"] as? String)?.hasPrefix("s3://") == true)
            try await scenario.lose()

            let key = try await s3.packageKey()
            let whole = try #require(try await s3.store { try await $0.head(key) })
            try await s3.store { try await $0.put([1], key) }
            let fromLocal = try await scenario.dorsal("restore")
            // The bad one in S3 is told of, although it is not needed.
            #expect(fromLocal.status == 2, "\(fromLocal.all)")
            #expect(fromLocal.out.contains("has 1 bytes, not \(whole.size)"))

            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try await s3.store { [bytes] in try await $0.put(Array(bytes), key) }
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let fromS3 = try await scenario.dorsal("restore")
            #expect(fromS3.status == 2, "\(fromS3.all)")
            #expect(fromS3.out.contains("going on with s3://"))
            #expect(fromS3.summary("gtid", "missing") == "")

            try await s3.store { [bytes] in try await $0.put(Array(bytes), key) }
            let neither = try await scenario.dorsal("restore")
            #expect(neither.status == 7, "\(neither.all)")
            #expect(neither.error("message").contains("s3://"))
        }
    }

    @Test("A zstd package at a limited rate goes to both places, and comes back from either")
    func zstd() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let scenario = s3.scenario
            try s3.configure(keepsLocal: true, backup: ["package: tar.zst", "max_rate: 500MiB", "threads: 3"])
            try await scenario.backUp()
            let id = try #require(try scenario.backupIDs().last)
            let path = "\(scenario.instanceFolder)/\(id)/package.tar.zst"
            try await ToolCommand("tar", ["--zstd", "-tf", path]).run()
            try await scenario.lose()
            try FileManager.default.removeItem(atPath: path)
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            #expect(restore.out.contains("package.tar.zst is missing; another copy is used"))
            #expect(restore.summary("gtid", "missing") == "")
        }
    }

    @Test("A package that was overwritten by another is told by its metadata, before anything is read")
    func overwritten() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure()
            try await s3.scenario.backUp()
            let key = try await s3.packageKey()
            try await s3.store { try await $0.setMetadata(key, ["sha256": String(repeating: "0", count: 64)]) }
            try await s3.scenario.lose()
            let restore = try await s3.scenario.dorsal("restore")
            #expect(restore.status == 7, "\(restore.all)")
            #expect(restore.error("message").hasSuffix("is not the one of its manifest"))
            #expect(!FileManager.default.fileExists(atPath: s3.scenario.lost.dataDirectory))
        }
    }

    @Test("Mistakes end at once, before the server has any load, and say what to change")
    func mistakes() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let mistakes: [([String: String], String)] = [
                (["bucket": "no-such-bucket"], "no-such-bucket"), (["access_key": "nobody"], "access key"),
                (["endpoint": s3.server.endpoint.replacing("http:", with: "https:")], "does not speak https"),
            ]
            for (lines, words) in mistakes {
                try s3.configure(s3: lines)
                for command in ["backup", "restore", "list"] {
                    let result = try await s3.scenario.dorsal(command)
                    #expect(result.status == 5, "\(command) with \(lines): \(result.all)")
                    #expect(result.error("message").contains(words), "\(result.error("message"))")
                    #expect(!result.error("hint").isEmpty)
                    #expect(!result.out.contains("\"snapshot\""))
                }
            }
            try s3.configure()
            try Scenario.write("wrong", to: "\(s3.scenario.folder)/secret-key", mode: 0o600)
            let wrong = try await s3.scenario.dorsal("backup")
            #expect(wrong.status == 5, "\(wrong.all)")
            #expect(wrong.error("message").contains("the secret key does not belong to the access key"))
        }
    }

    @Test("One backup at a time, from whatever machine")
    func locked() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure()
            let first = try await s3.scenario.dorsal("backup", syncPoint: "snapshot") { paused in
                // Another machine has a staging folder of its own.
                try s3.configure(staging: "\(s3.scenario.folder)/elsewhere")
                let second = try await s3.scenario.dorsal("backup")
                #expect(second.status == 11, "\(second.all)")
                #expect(second.error("message").contains("is locked by process \(paused.pid) on "))
                paused.resume()
            }
            #expect(first.status == 0, "\(first.all)")
            #expect(try await s3.keys().count == 2)
        }
    }

    @Test("A server whose name another one has is refused, before it adds to the other's backups")
    func sameName() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure()
            try await s3.scenario.backUp()
            let peer = s3.scenario.peer
            try await peer.query(
                "SET SESSION sql_log_bin = 0",
                "CREATE OR REPLACE USER 'dorsal'@'localhost' IDENTIFIED BY '\(Scenario.password)'",
                "GRANT ALL PRIVILEGES ON *.* TO 'dorsal'@'localhost' WITH GRANT OPTION"
            )
            let lines = try String(contentsOfFile: s3.scenario.configurationFile, encoding: .utf8)
            let lost = s3.scenario.lost
            let other = lines.replacing(lost.socket, with: peer.socket).replacing(
                lost.dataDirectory,
                with: peer.dataDirectory
            )
            .replacing(lost.optionFile, with: peer.optionFile)
            try Scenario.write(other, to: s3.scenario.configurationFile, mode: 0o600)
            let result = try await s3.scenario.dorsal("backup")
            #expect(result.status == 3, "\(result.all)")
            #expect(result.error("message").contains("are of another server"))
            #expect(result.error("hint").contains("instance.name"))
        }
    }

    @Test("What a killed run has left in S3 is taken over, and aborted, by the next")
    func killed() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure(s3: ["part_size": "5MiB", "lock_timeout": "10s"])
            try await s3.fill()
            let killed = try await s3.scenario.dorsal("backup", syncPoint: "upload-half") { $0.killHard() }
            #expect(killed.status == 137, "\(killed.all)")
            #expect(try await s3.keys().filter { !$0.contains("/lock/") } == [])
            let deadline = ContinuousClock.now + .seconds(60)
            var next = try await s3.scenario.dorsal("backup")
            while next.status == 11, ContinuousClock.now < deadline { next = try await s3.scenario.dorsal("backup") }
            // The dead one's lock is worth a warning.
            #expect(next.status == 2, "\(next.all)")
            #expect(next.out.contains("taking over the lock of process"))
            #expect(next.out.contains("aborted 1 upload"))
            #expect(try await s3.keys().count == 2)
            #expect(try await s3.store { try await $0.removeUnfinished("", olderThan: .zero) } == [])
        }
    }

    @Test(
        "An interrupted run leaves nothing in S3, neither a package nor an upload nor its lock",
        arguments: ["upload-half", "manifest-s3"]
    )
    func interrupted(_ moment: String) async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure(s3: ["part_size": "5MiB"])
            try await s3.fill()
            let result = try await s3.scenario.dorsal("backup", syncPoint: moment) { paused in
                kill(paused.pid, SIGINT)
                paused.resume()
            }
            #expect(result.status == 130, "\(result.all)")
            #expect(try await s3.keys() == [])
            #expect(try await s3.store { try await $0.removeUnfinished("", olderThan: .zero) } == [])
            #expect(S3Scenario.files(in: s3.staging) == [])
        }
    }

    @Test(
        "When S3 goes away meanwhile, the local backup is kept, and the run ends with 4",
        arguments: ["pack", "manifest"]
    )
    func goesAway(_ moment: String) async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let forwarder = try await Forwarder.start(to: s3.server.port)
            let endpoint = "http://127.0.0.1:\(forwarder.port)"
            try s3.configure(keepsLocal: true, s3: ["endpoint": endpoint, "retry_timeout": "3s", "part_size": "5MiB"])
            try await s3.fill()
            let result = try await s3.scenario.dorsal("backup", syncPoint: moment) { paused in
                forwarder.end()
                paused.resume()
            }
            #expect(result.status == 4, "\(result.all)")
            #expect(result.error("message").hasPrefix("the backup is in the local repository only"))
            #expect(result.summary("package", "local") == (try s3.scenario.package()))
            #expect(result.summary("package", "s3") == nil)
            try s3.configure(keepsLocal: true)
            try await s3.scenario.lose()
            let restore = try await s3.scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }
}
