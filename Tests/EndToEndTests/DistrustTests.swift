import Foundation
import Glibc
import Processes
import Sandbox
import TestSupport
import Testing

/// What looks like success and is not.
@Suite("Distrust") struct DistrustTests {
    /// Backs up with rows that only a replay brings back, and loses the server.
    private static func prepare(_ scenario: Scenario, rows: Int = 20) async throws {
        let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
            for number in 1...rows { try await scenario.insert("to be replayed \(number)") }
            paused.resume()
        }
        try #require(backup.status == 0, "\(backup.all)")
        try await scenario.lose()
    }

    @Test("A temporary server that is killed while it shuts down is not believed", arguments: TestServer.allCases)
    func killedWhileShuttingDown(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await Self.prepare(scenario)
            let log = "\(scenario.lost.dataDirectory).dorsal-restore/server/server.log"
            let mark = "--log-error=\(log)"
            let killed = try await DorsalProcess.run(
                ["restore", "--config", scenario.configurationFile, "--json"],
                folder: scenario.folder,
                environment: ["DORSAL_SYNC_POINT": "replay-done"],
                during: { pid in
                    // Stopped at the end of the replay: the server cannot have shut down yet.
                    while ProcessTable.isRunning(pid), !ProcessTable.isStopped(pid) {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    for server in ProcessTable.processes(withArgumentContaining: mark) { kill(server, SIGKILL) }
                    kill(pid, SIGCONT)
                }
            )
            #expect(killed.status != 0 && killed.status != 2, "\(killed.all)")
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
        }
    }

    @Test("A data directory that was replaced meanwhile is not gone on with", arguments: TestServer.allCases)
    func replacedDataDirectory(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await Self.prepare(scenario)
            try await scenario.peer.stop()
            #expect(try await scenario.dorsal("restore").status == 9)
            try FileManager.default.removeItem(atPath: scenario.lost.dataDirectory)
            try FileManager.default.createDirectory(
                atPath: scenario.lost.dataDirectory,
                withIntermediateDirectories: false
            )
            try Scenario.write("not a server", to: "\(scenario.lost.dataDirectory)/ibdata1", mode: 0o600)
            let restore = try await scenario.dorsal("restore", "--no-catch-up")
            try #require(restore.status == 0, "\(restore.all)")
            #expect(restore.summary("moved_aside")?.contains(".before-") == true)
            try await scenario.lost.start()
            #expect(try await scenario.has("to be replayed 20", on: scenario.lost))
        }
    }

    @Test("A folder of the work folder's name that is not ours is left alone")
    func foreignWorkFolder() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await Self.prepare(scenario)
            let folder = "\(scenario.lost.dataDirectory).dorsal-restore"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try Scenario.write("precious", to: "\(folder)/notes.txt", mode: 0o600)
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 3, "\(restore.all)")
            #expect(restore.error("message").contains("notes.txt"))
            #expect(FileManager.default.fileExists(atPath: "\(folder)/notes.txt"))
        }
    }

    @Test("A server that is started while the package is unpacked keeps its data directory")
    func startedMeanwhile() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.backUp()
            try await scenario.lost.stop()
            let restore = try await scenario.dorsal("restore", syncPoint: "place") { paused in
                try await scenario.lost.start()
                paused.resume()
            }
            #expect(restore.status == 3, "\(restore.all)")
            try await scenario.insert("still here")
            #expect(try await scenario.has("still here", on: scenario.lost))
        }
    }

    @Test("Errors that the server would skip are not skipped")
    func skippedErrors() async throws {
        try await Scenario.with(.mariadb, options: ["slave-skip-errors = all"]) { scenario in
            try await scenario.backUp()
            // A change of a row that the restored server will not have: it cannot be applied there.
            try await scenario.peer.query(
                "SET SESSION sql_log_bin = 0",
                "INSERT INTO shop.orders (id, server, note) VALUES (99999, 2, 'hidden')",
                "SET SESSION sql_log_bin = 1",
                "UPDATE shop.orders SET note = 'changed' WHERE id = 99999"
            )
            try await scenario.lost.stop(SIGKILL)
            try FileManager.default.removeItem(atPath: scenario.lost.dataDirectory)
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 9, "\(restore.all)")
            #expect(restore.error("message").contains("could not be applied"))
        }
    }

    @Test("Several writers in one domain are warned of")
    func sharedDomain() async throws {
        try await Scenario.with(.mariadb, options: ["gtid-domain-id = 0", "gtid-strict-mode = OFF"]) { scenario in
            try await scenario.insert("from the peer", on: scenario.peer)
            try await SandboxGroup.waitUntil(scenario.lost, has: scenario.peer)
            try await scenario.backUp()
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 2, "\(restore.all)")
            #expect(restore.out.contains("gtid_domain_id"))
        }
    }

    @Test(
        "Killed in a rejoin with the backup's own channels: the next restore ends well",
        arguments: TestServer.allCases
    )
    func killedWithOwnChannels(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try scenario.configure(sources: [])
            try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let killed = try await scenario.dorsal("restore", syncPoint: "rejoin-running") { $0.killHard() }
            #expect(killed.status == 128 + SIGKILL)
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
        }
    }

    @Test(
        "Killed while a mount point's entries are moved aside: all of them end up in one place",
        .enabled(if: getuid() == 0)
    )
    func killedWhileMovingAside() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let data = scenario.lost.dataDirectory
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
            try await ToolCommand("mount", ["-t", "tmpfs", "-o", "size=1G", "tmpfs", data]).run()
            do {
                for number in 1...4 { try Scenario.write("precious", to: "\(data)/user-\(number)", mode: 0o600) }
                let killed = try await scenario.dorsal("restore", syncPoint: "moving-aside") { $0.killHard() }
                #expect(killed.status == 128 + SIGKILL)
                let restore = try await scenario.dorsal("restore")
                #expect(restore.status == 0, "\(restore.all)")
                let aside = try #require(restore.summary("moved_aside"))
                #expect(aside.contains(".before-"))
                let kept = try FileManager.default.contentsOfDirectory(atPath: aside).sorted()
                #expect(kept == ["user-1", "user-2", "user-3", "user-4"])
                try await ToolCommand("umount", [data]).run()
            } catch {
                try await ToolCommand("umount", ["-l", data]).run()
                throw error
            }
        }
    }
}
