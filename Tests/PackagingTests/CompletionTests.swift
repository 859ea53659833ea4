import TestSupport
import Testing

@Suite("Shell completions")
struct CompletionTests {
    @Test(
        "Each shell takes its completions, and they know all verbs",
        arguments: [
            ("bash", "share/bash-completion/completions/dorsal"), ("zsh", "share/zsh/site-functions/_dorsal"),
            ("fish", "share/fish/vendor_completions.d/dorsal.fish"),
        ]
    )
    func syntax(shell: String, file: String) async throws {
        let installed = try await Installed()
        #expect(try await tool(shell, "-n", installed.path(file)) == "")
        let text = try installed.text(file)
        for verb in try await Commands.verbs() { #expect(text.contains(verb), "\(verb)") }
    }

    @Test("bash completes a verb")
    func completes() async throws {
        let installed = try await Installed()
        let script = """
            source '\(installed.path("share/bash-completion/completions/dorsal"))'
            COMP_WORDS=(dorsal bac); COMP_CWORD=1; COMP_LINE='dorsal bac'; COMP_POINT=${#COMP_LINE}
            "$(complete -p dorsal | sed -E 's/.*-F ([^ ]+).*/\\1/')" dorsal bac dorsal
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        #expect(try await tool("bash", "-c", script).contains("backup"))
    }
}
