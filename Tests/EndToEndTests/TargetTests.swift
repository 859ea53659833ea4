import Database
import Foundation
import Glibc
import Processes
import Sandbox
import TestSupport
import Testing

/// Restores to another place, and plans.
@Suite("Targets") struct TargetTests {
    @Test("Restored elsewhere, while the original runs on", arguments: TestServer.allCases)
    func elsewhere(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.insert("after the backup")
            try await SandboxGroup.waitUntil(scenario.peer, has: scenario.lost)
            let copy = SandboxServer(
                scenario.lost.kind,
                folder: "\(scenario.group.folder)/copy",
                id: 9,
                port: try FreePort.any(),
                launcher: scenario.group.launcher
            )
            let restore = try await scenario.dorsal(
                "restore",
                "latest",
                "--target-dir",
                copy.dataDirectory,
                "--port",
                "\(copy.port)",
                "--socket",
                copy.socket
            )
            try #require(restore.status == 0, "\(restore.all)")
            #expect(restore.summary("data_dir") == copy.dataDirectory)
            #expect(restore.summary("option_file") == copy.optionFile)
            #expect(try await scenario.has("after the backup", on: scenario.lost))
            try Ownership.find(SandboxServer.osUser)?.give(copy.folder)
            try await copy.start(options: ["--server-id=9", "--skip-networking"])
            #expect(try await scenario.has("after the backup", on: copy))
            #expect(try await copy.value("SELECT @@GLOBAL.port") == (server == .mysql ? "0" : "0"))
            #expect(try await scenario.checksums(of: copy) == scenario.checksums(of: scenario.lost))
            try await copy.stop()
        }
    }

    @Test(
        "A data directory that is a mount point: its entries are moved aside and replaced",
        .enabled(if: getuid() == 0, "only root can mount"),
        arguments: TestServer.allCases
    )
    func mountPoint(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.insert("only the peer knows")
            try await scenario.lose()
            let data = scenario.lost.dataDirectory
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
            try await ToolCommand("mount", ["-t", "tmpfs", "-o", "size=1G", "tmpfs", data]).run()
            do {
                try await Self.restoreTwice(scenario, data)
                try await scenario.lost.stop()
                try await ToolCommand("umount", [data]).run()
            } catch {
                try? await scenario.lost.stop()
                try await ToolCommand("umount", ["-l", data]).run()
                throw error
            }
        }
    }

    private static func restoreTwice(_ scenario: Scenario, _ data: String) async throws {
        try Scenario.write("precious", to: "\(data)/precious.txt", mode: 0o600)
        for _ in 1...2 {
            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
        }
        let asides = try FileManager.default.contentsOfDirectory(atPath: data).filter { $0.hasPrefix(".before-") }
        #expect(asides.count == 2)
        #expect(asides.contains { FileManager.default.fileExists(atPath: "\(data)/\($0)/precious.txt") })
        try await scenario.startRestored()
        #expect(try await scenario.has("only the peer knows", on: scenario.lost))
    }

    @Test("A dry run prints the plan and touches nothing", arguments: TestServer.allCases)
    func dryRun(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let before = try FileManager.default.contentsOfDirectory(atPath: "\(scenario.group.folder)/1").sorted()
            let plan = try await DorsalProcess.run(
                ["restore", "--dry-run", "--config", scenario.configurationFile],
                folder: scenario.folder
            )
            #expect(plan.status == 0, "\(plan.all)")
            #expect(plan.out.contains(scenario.lost.dataDirectory))
            #expect(plan.out.contains("127.0.0.1:\(scenario.peer.port) reaches"))
            #expect(plan.out.contains("temporary server-id 1001"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(scenario.group.folder)/1").sorted() == before
            )
        }
    }

    @Test("Without any peer a restore ends with 2, and its text says why", arguments: TestServer.allCases)
    func noPeers(_ server: TestServer) async throws {
        try await Scenario.with(server, servers: 1) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let restore = try await DorsalProcess.run(
                ["restore", "--config", scenario.configurationFile],
                folder: scenario.folder
            )
            #expect(restore.status == 2, "\(restore.all)")
            #expect(restore.err.contains("warning: no replication source is known"))
            #expect(restore.out.contains("missing   nothing"))
            try await scenario.lost.start()
            #expect(try await scenario.has("first", on: scenario.lost))
        }
    }

    @Test("The last line of a backup's text is the command that restores it")
    func restoreCommand() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let backup = try await DorsalProcess.run(
                ["backup", "--config", scenario.configurationFile],
                folder: scenario.folder
            )
            #expect(backup.status == 0, "\(backup.all)")
            let last = try #require(backup.out.split(separator: "\n").last)
            #expect(last.hasPrefix("dorsal restore "))
            try await scenario.lose()
            let arguments = last.split(separator: " ").dropFirst().map(String.init)
            let restore = try await DorsalProcess.run(arguments, folder: scenario.folder)
            #expect(restore.status == 0, "\(restore.all)")
            #expect(restore.out.contains("missing   nothing"))
        }
    }

    @Test(
        "A temporary server-id that is in use is refused, one that is derived makes way",
        arguments: TestServer.allCases
    )
    func temporaryServerID(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let configuration = try String(contentsOfFile: scenario.configurationFile, encoding: .utf8)
            try await scenario.peer.query("SET GLOBAL server_id = \(100_100_000 + UInt32(scenario.lost.port))")
            let plan = try await scenario.dorsal("restore", "--dry-run")
            #expect(plan.out.contains("temporary server-id \(100_100_001 + UInt32(scenario.lost.port))"), "\(plan.all)")

            try Scenario.write(
                configuration + "  temporary_server_id: \(100_100_000 + UInt32(scenario.lost.port))\n",
                to: scenario.configurationFile,
                mode: 0o600
            )
            let refused = try await scenario.dorsal("restore")
            #expect(refused.status == 64, "\(refused.all)")
            #expect(refused.error("message").contains("temporary_server_id"))
            #expect(!FileManager.default.fileExists(atPath: scenario.lost.dataDirectory))
        }
    }

    @Test("list and show tell of every backup")
    func listAndShow() async throws {
        try await Scenario.with(.mariadb) { scenario in
            for _ in 1...2 { try await scenario.backUp() }
            let ids = try scenario.backupIDs()
            let list = try await scenario.dorsal("list")
            #expect(list.status == 0)
            #expect(list.objects("backup").compactMap { $0["id"] as? String } == ids)
            let show = try await scenario.dorsal("show", ids[0])
            #expect(show.objects("backup").first?["id"] as? String == ids[0])
            let text = try await DorsalProcess.run(
                ["show", "--manifest", "--config", scenario.configurationFile],
                folder: scenario.folder
            )
            #expect(text.out.contains("\"id\" : \"\(ids[1])\""))
            let unknown = try await scenario.dorsal("show", "20200101T000000Z-000000")
            #expect(unknown.status == 64)
        }
    }
}
