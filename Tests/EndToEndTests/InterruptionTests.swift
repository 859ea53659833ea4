import Foundation
import Glibc
import Processes
import Sandbox
import TestSupport
import Testing

/// Runs that are killed or interrupted: the next one ends well.
@Suite("Interruptions") struct InterruptionTests {
    @Test(
        "kill -9 in the middle of a backup: nothing listed, the next one works and clears up",
        arguments: TestServer.allCases
    )
    func killedBackup(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            for stage in ["snapshot", "binlogs", "pack", "manifest"] {
                let killed = try await scenario.dorsal("backup", syncPoint: stage) { $0.killHard() }
                #expect(killed.status == 128 + SIGKILL)
                #expect(try scenario.backupIDs().isEmpty, "at \(stage)")
                #expect(try !scenario.leftovers().isEmpty, "at \(stage)")
                #expect(try await scenario.dorsal("list").out.isEmpty, "at \(stage)")
            }
            let backup = try await scenario.dorsal("backup")
            #expect(backup.status == 0, "\(backup.all)")
            #expect(try scenario.backupIDs().count == 1)
            #expect(try scenario.leftovers().isEmpty)
            #expect(backup.out.contains("left by a run that did not end"))
        }
    }

    @Test("kill -9 while the tool copies: the tool does not stay")
    func killedTool() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let killed = try await DorsalProcess.run(
                ["backup", "--config", scenario.configurationFile, "--json"],
                folder: scenario.folder,
                during: { pid in
                    let marker = "\(scenario.instanceFolder)/.dorsal-staging-"
                    while ProcessTable.isRunning(pid), ProcessTable.processes(withArgumentContaining: marker).isEmpty {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    kill(pid, SIGKILL)
                }
            )
            #expect(killed.status == 128 + SIGKILL)
            #expect(try scenario.backupIDs().isEmpty)
            try await scenario.backUp()
            #expect(try scenario.leftovers().isEmpty)
            #expect(
                ProcessTable.processes(withArgumentContaining: "\(scenario.instanceFolder)/.dorsal-staging-").isEmpty
            )
        }
    }

    @Test("SIGTERM and SIGINT in a backup: 143 and 130, and nothing stays", arguments: [SIGTERM, SIGINT])
    func terminatedBackup(_ signal: Int32) async throws {
        try await Scenario.with(.mariadb) { scenario in
            let ended = try await scenario.dorsal("backup", syncPoint: "pack") { paused in
                kill(paused.pid, signal)
                paused.resume()
            }
            #expect(ended.status == 128 + signal, "\(ended.all)")
            #expect(try scenario.backupIDs().isEmpty)
            #expect(try scenario.leftovers().isEmpty)
        }
    }

    @Test("kill -9 in unpack, replay and rejoin: a second restore ends well", arguments: TestServer.allCases)
    func killedRestore(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.fill(rows: 20_000)
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                for number in 1...200 { try await scenario.insert("to be replayed \(number)") }
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            for point in ["unpack-half", "place", "replay-running", "rejoin", "rejoin-running"] {
                let killed = try await scenario.dorsal("restore", syncPoint: point) { $0.killHard() }
                #expect(killed.status == 128 + SIGKILL, "\(point): \(killed.all)")
            }
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            #expect(restore.out.contains("going on with the interrupted restore"))
            #expect(restore.summary("gtid", "missing") == "")
            #expect(
                ProcessTable.processes(withArgumentContaining: "\(scenario.lost.dataDirectory).dorsal-restore").isEmpty
            )
            #expect(!FileManager.default.fileExists(atPath: "\(scenario.lost.dataDirectory).dorsal-restore"))
            try await scenario.startRestored()
            #expect(try await scenario.has("only the peer knows", on: scenario.lost))
            #expect(try await scenario.checksums(of: scenario.lost) == scenario.checksums(of: scenario.peer))
        }
    }

    @Test("SIGTERM in a replay: 143, no server stays, and a second restore ends well", arguments: TestServer.allCases)
    func terminatedRestore(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                for number in 1...50 { try await scenario.insert("to be replayed \(number)") }
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.lose()
            let ended = try await scenario.dorsal("restore", syncPoint: "replay-running") { paused in
                kill(paused.pid, SIGTERM)
                paused.resume()
            }
            #expect(ended.status == 128 + SIGTERM, "\(ended.all)")
            #expect(
                ProcessTable.processes(withArgumentContaining: "\(scenario.lost.dataDirectory).dorsal-restore").isEmpty
            )
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            try await scenario.startRestored()
            #expect(try await scenario.has("to be replayed 50", on: scenario.lost))
        }
    }

    @Test("A catch-up into a half-restored data directory is refused")
    func catchUpTooEarly() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await scenario.insert("to be replayed")
                paused.resume()
            }
            try #require(backup.status == 0, "\(backup.all)")
            try await scenario.lose()
            let killed = try await scenario.dorsal("restore", syncPoint: "replay-running") { $0.killHard() }
            #expect(killed.status == 128 + SIGKILL)
            let catchUp = try await scenario.dorsal("catch-up")
            #expect(catchUp.status == 3, "\(catchUp.all)")
            #expect(catchUp.error("hint").contains("dorsal restore"))
            #expect(try await scenario.dorsal("restore").status == 0)
        }
    }
}
