import Foundation
import Glibc
import TestSupport
import Testing

/// `backup.low_priority`, as the kernel sees it.
@Suite("Priority") struct PriorityTests {
    @Test(
        "A copying tool is at the end of the queue when it is told so, and not else",
        arguments: [true, false],
        ["tar.gz", "stream"]
    )
    func tool(_ isLow: Bool, _ package: String) async throws {
        try await Scenario.with(.mariadb, servers: 1) { scenario in
            let base = try Self.wrap(in: scenario.folder)
            try scenario.configure(
                instance: ["base": base],
                more: "backup:\n  low_priority: \(isLow)\n  package: \(package)"
            )
            let backup = try await scenario.dorsal("backup")
            try #require(backup.status == 0, "\(backup.all)")
            #expect(
                try Self.nice("\(base)/nice")
                    == (isLow ? 19 : getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
            )
        }
    }

    @Test("A tool of low priority that fails is named, with its own words")
    func failure() async throws {
        try await Scenario.with(.mariadb, servers: 1) { scenario in
            let base = try Self.wrap(in: scenario.folder, failing: true)
            try scenario.configure(instance: ["base": base], more: "backup:\n  low_priority: true")
            let backup = try await scenario.dorsal("backup")
            #expect(backup.status == 3)
            #expect(backup.error("message").contains("mariadb-backup failed (exit status 7)"), "\(backup.all)")
            #expect(backup.error("cause").contains("no more pages"), "\(backup.all)")
        }
    }

    /// A prefix whose mariadb-backup writes its priority down and becomes the real one.
    private static func wrap(in folder: String, failing: Bool = false) throws -> String {
        let base = "\(folder)/base"
        try FileManager.default.createDirectory(atPath: "\(base)/bin", withIntermediateDirectories: true)
        let text = """
            #!/bin/sh
            case "$*" in *--backup*)
                cut -d " " -f 19 "/proc/$$/stat" >"\(base)/nice"
                \(failing ? "echo no more pages >&2; exit 7" : "") ;;
            esac
            exec mariadb-backup "$@"

            """
        try Scenario.write(text, to: "\(base)/bin/mariadb-backup", mode: 0o755)
        return base
    }

    private static func nice(_ path: String) throws -> Int32? {
        Int32(try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
