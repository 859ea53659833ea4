import Foundation
import Sandbox
import TestSupport
import Testing

/// What Dorsal refuses, and that it touches nothing then.
@Suite("Refusals") struct RefusalTests {
    @Test("A running server on the target is left alone", arguments: TestServer.allCases)
    func runningServer(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.insert("after the backup")
            let before = try FileManager.default.contentsOfDirectory(atPath: "\(scenario.group.folder)/1").sorted()
            for verb in [["restore"], ["restore", "--dry-run"], ["catch-up"]] {
                let result = try await DorsalProcess.run(
                    verb + ["--config", scenario.configurationFile, "--json"],
                    folder: scenario.folder
                )
                #expect(result.status == 3, "\(result.all)")
                #expect(result.error("message").contains("is running"))
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(scenario.group.folder)/1").sorted() == before
            )
            #expect(try await scenario.has("after the backup", on: scenario.lost))
        }
    }

    @Test("A server that cannot be reached by its socket is still seen, by the lock on its files")
    func runningServerWithoutSocket() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.backUp()
            let moved = scenario.lost.socket + ".moved"
            try FileManager.default.moveItem(atPath: scenario.lost.socket, toPath: moved)
            try scenario.configure(instance: ["port": "\(try FreePort.any())"])
            let result = try await scenario.dorsal("restore")
            #expect(result.status == 3, "\(result.all)")
            #expect(result.error("cause").contains("holds a lock"))
            try FileManager.default.moveItem(atPath: moved, toPath: scenario.lost.socket)
        }
    }

    @Test("A full data directory is moved aside, whole", arguments: TestServer.allCases)
    func fullDataDirectory(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose(keepData: true)
            try Scenario.write("precious", to: "\(scenario.lost.dataDirectory)/precious.txt", mode: 0o600)
            let before = try Self.tree(scenario.lost.dataDirectory)

            let restore = try await scenario.dorsal("restore")
            try #require(restore.status == 0, "\(restore.all)")
            let aside = try #require(restore.summary("moved_aside"))
            #expect(try Self.tree(aside) == before)
            #expect(!FileManager.default.fileExists(atPath: "\(scenario.lost.dataDirectory)/precious.txt"))
            try await scenario.startRestored()
            #expect(try await scenario.has("first", on: scenario.lost))
        }
    }

    /// All files below a folder, with their sizes.
    private static func tree(_ folder: String) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            sizes[name] = (attributes[.size] as? NSNumber)?.intValue
        }
        return sizes
    }

    @Test("Binary logs purged between data and binary logs: nothing is published", arguments: TestServer.allCases)
    func purgedMeanwhile(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            let backup = try await scenario.dorsal("backup", syncPoint: "binlogs") { paused in
                try await scenario.insert("between data and binary logs")
                try await scenario.purge(scenario.lost)
                paused.resume()
            }
            #expect(backup.status == 3, "\(backup.all)")
            #expect(backup.error("message").contains("purged"))
            #expect(try scenario.backupIDs().isEmpty)
            #expect(try scenario.leftovers().isEmpty)
        }
    }

    @Test("Clone refuses tables of other engines, and names them")
    func cloneAndOtherEngines() async throws {
        try await Scenario.with(.mysql) { scenario in
            try await scenario.lost.query("CREATE TABLE shop.old (id INT) ENGINE=MyISAM")
            let backup = try await scenario.dorsal("backup")
            #expect(backup.status == 3, "\(backup.all)")
            #expect(backup.error("message").contains("shop.old (MyISAM)"))
            #expect(try scenario.backupIDs().isEmpty)
            try await scenario.lost.query("ALTER TABLE shop.old ENGINE=InnoDB")
            try await scenario.backUp()
        }
    }

    @Test("A second backup at the same time is refused, naming the first")
    func twoAtOnce() async throws {
        try await Scenario.with(.mariadb) { scenario in
            let first = try await scenario.dorsal("backup", syncPoint: "pack") { paused in
                let second = try await scenario.dorsal("backup")
                #expect(second.status == 11, "\(second.all)")
                #expect(second.error("class") == "locked")
                #expect(
                    second.error("message").contains("\(paused.pid)") || second.error("cause").contains("\(paused.pid)")
                )
                paused.resume()
            }
            #expect(first.status == 0, "\(first.all)")
            #expect(try scenario.backupIDs().count == 1)
        }
    }
}
