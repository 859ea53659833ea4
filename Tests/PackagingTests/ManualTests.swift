import Foundation
import TestSupport
import Testing

@Suite("Manual pages")
struct ManualTests {
    @Test("Every command has a page, and mandoc finds nothing wrong with it")
    func pages() async throws {
        let installed = try await Installed()
        let verbs = try await Commands.verbs()
        let pages = try installed.names(in: "share/man/man1")
        // Verbs of a verb, as those of config, have pages too.
        let ofVerbs = pages.filter { page in !verbs.contains { page.hasPrefix("dorsal-\($0)-") } }
        #expect(ofVerbs == (["dorsal.1"] + verbs.map { "dorsal-\($0).1" }).sorted())
        #expect(pages.contains("dorsal-config-show.1"))
        for page in pages {
            #expect(try await tool("mandoc", "-Tlint", "-Wwarning", installed.path("share/man/man1/\(page)")) == "")
        }
    }

    @Test("man shows options, arguments and an example")
    func shown() async throws {
        let installed = try await Installed()
        let page = installed.path("share/man/man1/dorsal-restore.1")
        let plain = try await tool("sh", "-c", "MANWIDTH=80 man -l '\(page)' | col -b | head -n 36")
        #expect(plain.contains("dorsal-restore"))
        #expect(plain.contains("--target-dir target-dir"))
        #expect(plain.contains("Default: latest."))
        let end = try await tool("sh", "-c", "MANWIDTH=80 man -l '\(page)' | col -b | tail -n 20")
        #expect(end.contains("dorsal restore latest"))
        #expect(end.contains("dorsal-catch-up(1)"))
    }

    @Test("Text that looks like a formatter's requests comes out as it is")
    func hostileText() async throws {
        let folder = try TemporaryFolder()
        let help = """
            {"command": {"commandName": "x", "abstract": "Does it. Then stops.", "discussion": \
            ".Sh NOT A SECTION\\n'br not a break\\nback\\\\nslash -- and \\"quotes\\"\\nExample: x .y", "arguments": [\
            {"kind": "option", "names": [{"kind": "long", "name": "o"}], "valueName": "o", "abstract": ".El"}]}}
            """
        let json = try folder.write(help, to: "help.json")
        let script = Repository.path("Scripts/manual.py")
        try await tool("sh", "-c", "'\(script)' 1.0 0 '\(folder.path)' <'\(json)'")
        #expect(try await tool("mandoc", "-Tlint", "-Wwarning", folder.path("x.1")) == "")
        let shown = try await tool("sh", "-c", "mandoc -Tascii '\(folder.path("x.1"))' | col -b")
        for text in [
            ".Sh NOT A SECTION", "'br not a break", "back\\nslash -- and \"quotes\"", ".El", "January 1, 1970",
        ] {
            #expect(shown.contains(text), "\(text)")
        }
    }

    @Test("Help that cannot be read makes no page")
    func unreadable() async throws {
        let folder = try TemporaryFolder()
        let script = Repository.path("Scripts/manual.py")
        let pages = folder.path("pages")
        #expect(try await complaint("sh", "-c", "echo nonsense | '\(script)' 1.0 0 '\(pages)'") != nil)
        #expect(try await complaint("sh", "-c", "echo '{}' | '\(script)'")?.contains("usage:") == true)
        #expect(!FileManager.default.fileExists(atPath: pages))
    }
}
