import Foundation
import Glibc
import Processes
import S3
import Sandbox
import Storage
import TestSupport
import Testing

/// Backups whose data goes from the copying tool straight to where it is kept.
@Suite("Streamed backups") struct StreamTests {
    /// Where the backup's stream is in the local repository.
    private static func stream(_ scenario: Scenario) throws -> String {
        "\(scenario.instanceFolder)/\(try #require(try scenario.backupIDs().last))/data.xbstream.zst"
    }

    /// The copying tool that works for a folder.
    private static func tool(_ folder: String) throws -> Int32 {
        try #require(ProcessTable.processes(withArgumentContaining: "--target-dir=\(folder)").first)
    }

    @Test("Local alone, under writes: a restore with proof, equal checksums, and a person can unpack it")
    func local() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try scenario.configure(more: "backup:\n  package: stream")
            try await scenario.fill(rows: 20_000)
            try await scenario.lost.query(
                "CREATE TABLE shop.old (id INT) ENGINE=MyISAM",
                "CREATE TABLE shop.none (id INT) ENGINE=Aria"
            )
            let backup = try await scenario.whileWriting(on: [scenario.lost, scenario.peer]) {
                try await scenario.dorsal("backup")
            }
            try #require(backup.status == 0, "\(backup.all)")
            let path = try Self.stream(scenario)
            #expect(backup.summary("stream", "local") == path)
            #expect(backup.summary("package", "local")?.hasSuffix("/files.tar.zst") == true)
            #expect(try scenario.leftovers() == [])
            let list = try await scenario.dorsal("list")
            #expect(list.objects("backup").first?["local"] as? String == path, "\(list.all)")

            let folder = "\(scenario.folder)/by-hand"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await ToolCommand("/bin/sh", ["-c", "zstd -dc '\(path)' | mbstream -x -C '\(folder)'"]).run()
            #expect(FileManager.default.fileExists(atPath: "\(folder)/ibdata1"))
            #expect(FileManager.default.fileExists(atPath: "\(folder)/shop/old.MYD"))

            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            #expect(restore.summary("gtid", "missing") == "")
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
            try await SandboxGroup.waitUntil(scenario.lost, has: scenario.peer)
            #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
        }
    }

    @Test("A stream that is damaged, cut short or missing: 7, nothing placed")
    func damage() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try scenario.configure(more: "backup:\n  package: stream")
            try await scenario.backUp()
            try await scenario.lose()
            let path = try Self.stream(scenario)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var flipped = whole
            flipped[whole.count / 2] ^= 0x10
            var last = whole
            last[whole.count - 1] ^= 1
            for (what, bytes) in [("flipped", flipped), ("the last byte", last), ("cut", whole.prefix(5000))] {
                try bytes.write(to: URL(fileURLWithPath: path))
                let result = try await scenario.dorsal("restore")
                #expect(result.status == 7, "\(what): \(result.all)")
                #expect(result.error("message").contains("data.xbstream.zst"), "\(what): \(result.all)")
                #expect(!FileManager.default.fileExists(atPath: scenario.lost.dataDirectory))
                let work = "\(scenario.lost.dataDirectory).dorsal-restore"
                #expect(!FileManager.default.fileExists(atPath: "\(work)/unpacked"))
            }
            try FileManager.default.removeItem(atPath: path)
            let missing = try await scenario.dorsal("restore")
            #expect(missing.status == 7, "\(missing.all)")
            #expect(try await scenario.dorsal("list").out.contains("data.xbstream.zst is missing"))
            try whole.write(to: URL(fileURLWithPath: path))
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }

    @Test("A tool that is killed, or a run that is interrupted, in the middle: nothing is published")
    func killed() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try scenario.configure(more: "backup:\n  package: stream")
            try await scenario.fill(rows: 50_000)
            let folder = "\(scenario.instanceFolder)/.dorsal-staging-"
            let killed = try await scenario.dorsal("backup", syncPoint: "stream-running") { paused in
                kill(try Self.tool(folder), SIGKILL)
                paused.resume()
            }
            #expect(killed.status == 3, "\(killed.all)")
            #expect(killed.error("message").contains("failed (killed by signal 9)"), "\(killed.all)")
            #expect(try scenario.backupIDs() == [])
            #expect(try scenario.leftovers() == [])

            let interrupted = try await scenario.dorsal("backup", syncPoint: "stream-running") { paused in
                kill(paused.pid, SIGINT)
                paused.resume()
            }
            #expect(interrupted.status == 130, "\(interrupted.all)")
            #expect(try scenario.leftovers() == [])
            #expect(ProcessTable.processes(withArgumentContaining: "--target-dir=\(folder)") == [])

            let dead = try await scenario.dorsal("backup", syncPoint: "stream-running") { $0.killHard() }
            #expect(dead.status == 128 + SIGKILL)
            #expect(try await scenario.dorsal("list").out.isEmpty)
            try await scenario.backUp()
            #expect(try scenario.backupIDs().count == 1)
            #expect(try scenario.leftovers() == [])
            #expect(ProcessTable.processes(withArgumentContaining: "--target-dir=\(folder)") == [])
        }
    }

    @Test("The clone engine cannot stream, and the message says what works")
    func clone() async throws {
        try await Scenario.with(.mysql, servers: 1) { scenario in
            try scenario.configure(more: "backup:\n  package: stream\n  engine: clone")
            let result = try await scenario.dorsal("backup")
            #expect(result.status == 64, "\(result.all)")
            #expect(result.error("message") == "backup.package: stream does not work with the engine clone")
            #expect(result.error("hint").contains("tar.zst"))
            #expect(!result.out.contains("\"snapshot\""))
        }
    }
}

/// Streams to S3, and from there.
@Suite("Streamed backups in S3", .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"))
struct StreamRepositoryTests {
    @Test("To S3 alone nothing but binary logs is staged; it comes back onto an empty machine")
    func emptyMachine() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let scenario = s3.scenario
            try s3.configure(s3: ["part_size": "5MiB"], backup: ["package: stream"])
            try await s3.fill()
            let backup = try await scenario.dorsal("backup", syncPoint: "pack") { paused in
                // All of the data is where it belongs by now.
                let files = S3Scenario.files(in: s3.staging)
                #expect(!files.isEmpty)
                #expect(files.filter { !$0.contains("/binlog/") } == [])
                #expect((try? await s3.keys().contains { $0.hasSuffix("/data.xbstream.zst") }) == true)
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            #expect(backup.summary("stream", "local") == nil)
            #expect(backup.summary("stream", "s3")?.hasSuffix("/data.xbstream.zst") == true)
            #expect(try await s3.keys().count == 3)
            #expect(S3Scenario.files(in: s3.staging) == [])
            let key = try #require(try await s3.keys().first { $0.hasSuffix("/data.xbstream.zst") })
            let facts = try #require(try await s3.store { try await $0.head(key) })
            #expect(facts.metadata["sha256"] == backup.summary("stream", "sha256"))

            try await s3.loseAndRestore()
        }
    }

    @Test("A tool that is killed while it streams to S3 leaves no object there")
    func killed() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure(s3: ["part_size": "5MiB"], backup: ["package: stream"])
            try await s3.fill()
            let killed = try await s3.scenario.dorsal("backup", syncPoint: "stream-running") { paused in
                let tools = ProcessTable.processes(withArgumentContaining: "--target-dir=\(s3.staging)")
                kill(try #require(tools.first), SIGKILL)
                paused.resume()
            }
            #expect(killed.status == 3, "\(killed.all)")
            #expect(try await s3.keys() == [])
            // Later than that the stream is whole, and goes all the same.
            let purged = try await s3.scenario.dorsal("backup", syncPoint: "pack") { paused in
                kill(paused.pid, SIGINT)
                paused.resume()
            }
            #expect(purged.status == 130, "\(purged.all)")
            #expect(try await s3.keys() == [])
            #expect(try await s3.store { try await $0.removeUnfinished("", olderThan: .zero) } == [])
        }
    }

    @Test("A local stream that is bad is told of, and the one in S3 is taken")
    func localFirst() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let scenario = s3.scenario
            try s3.configure(keepsLocal: true, backup: ["package: stream"])
            try await scenario.backUp()
            let id = try #require(try scenario.backupIDs().last)
            let path = "\(scenario.instanceFolder)/\(id)/data.xbstream.zst"
            try await scenario.lose()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            #expect(restore.out.contains("going on with s3://"))
            #expect(restore.summary("gtid", "missing") == "")
        }
    }

    @Test("When S3 goes away while the stream runs, the local backup is kept, and the run ends with 4")
    func goesAway() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            let forwarder = try await Forwarder.start(to: s3.server.port)
            let lines = [
                "endpoint": "http://127.0.0.1:\(forwarder.port)", "retry_timeout": "3s", "part_size": "5MiB",
            ]
            try s3.configure(keepsLocal: true, s3: lines, backup: ["package: stream"])
            try await s3.fill()
            let result = try await s3.scenario.dorsal("backup", syncPoint: "stream-running") { paused in
                forwarder.end()
                paused.resume()
            }
            #expect(result.status == 4, "\(result.all)")
            #expect(result.error("message").hasPrefix("the backup is in the local repository only"))
            #expect(result.summary("stream", "local")?.hasSuffix("/data.xbstream.zst") == true)
            #expect(result.summary("stream", "s3") == nil)
            try s3.configure(keepsLocal: true)
            try await s3.scenario.lose()
            let restore = try await s3.scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }
}
