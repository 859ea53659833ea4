import Foundation
import TestSupport
import Testing

@Suite("make install and make uninstall")
struct InstallTests {
    private static func files(below folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
        return all.sorted()
    }

    @Test("Everything lands in its place, under DESTDIR, and uninstalling removes exactly that")
    func roundTrip() async throws {
        let folder = try TemporaryFolder()
        let other = try folder.write("not ours", to: "opt/dorsal/share/man/man1/other.1")
        let before = Self.files(below: folder.path)
        let environment = ["PREFIX=/opt/dorsal", "DESTDIR=\(folder.path)"]
        try await tool("env", environment[0], environment[1], Installed.script, "install", DorsalProcess.binary)

        for name in [
            "bin/dorsal", "share/bash-completion/completions/dorsal", "share/zsh/site-functions/_dorsal",
            "share/fish/vendor_completions.d/dorsal.fish", "share/man/man1/dorsal.1", "share/man/man1/dorsal-backup.1",
            "lib/systemd/system/dorsal-backup@.service", "lib/systemd/system/dorsal-prune@.timer",
            "share/dorsal/dorsal-alerts.yaml", "share/doc/dorsal/README.md",
            "share/doc/dorsal/examples/dorsal.yaml.sample",
        ] {
            let size = try FileManager.default.attributesOfItem(atPath: folder.path("opt/dorsal/\(name)"))[.size]
            #expect((size as? Int ?? 0) > 0, "\(name)")
        }
        let unit = folder.path("opt/dorsal/lib/systemd/system/dorsal-backup@.service")
        let service = try String(contentsOfFile: unit, encoding: .utf8)
        // Where it will live, not where it was put meanwhile.
        #expect(service.contains("\nExecStart=/opt/dorsal/bin/dorsal backup "))
        #expect(try await tool(folder.path("opt/dorsal/bin/dorsal"), "--version").hasPrefix("dorsal "))

        try await tool("env", environment[0], environment[1], Installed.script, "uninstall")
        #expect(Self.files(below: folder.path) == before)
        #expect(FileManager.default.fileExists(atPath: other))
    }

    @Test("Installing again removes what an earlier version had and this one has not")
    func upgrade() async throws {
        let installed = try await Installed()
        let old = try installed.folder.write("old", to: "usr/share/man/man1/dorsal-gone.1")
        let list = try installed.text("share/dorsal/installed") + "file \(old)\n"
        try installed.folder.write(list, to: "usr/share/dorsal/installed")
        try await tool("env", "PREFIX=\(installed.prefix)", Installed.script, "install", DorsalProcess.binary)
        #expect(!FileManager.default.fileExists(atPath: old))
        #expect(FileManager.default.fileExists(atPath: installed.path("share/man/man1/dorsal.1")))
        try await tool("env", "PREFIX=\(installed.prefix)", Installed.script, "uninstall")
        #expect(Self.files(below: installed.prefix).isEmpty)
    }

    @Test("What cannot be installed or removed is refused, and nothing is touched")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let prefix = "PREFIX=\(folder.path("usr"))"
        let noProgram = try await complaint("env", prefix, Installed.script, "install", folder.path("none"))
        #expect(noProgram?.contains("hint: make build") == true)
        let relative = try await complaint("env", "PREFIX=usr", Installed.script, "install", DorsalProcess.binary)
        #expect(relative?.contains("exit status 64") == true)
        let nothing = try await complaint("env", prefix, Installed.script, "uninstall")
        #expect(nothing?.contains("nothing is installed") == true)
        #expect(Self.files(below: folder.path).isEmpty)
    }
}
