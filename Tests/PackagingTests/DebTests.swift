import Foundation
import TestSupport
import Testing

@Suite("The Debian package")
struct DebTests {
    private static let script = Repository.path("Scripts/deb.sh")

    @Test("It holds what it should, each with its mode and owner, and enables nothing")
    func contents() async throws {
        let folder = try TemporaryFolder()
        // The tests' program needs Swift's libraries; the package of it is only looked at.
        let output = try await tool(Self.script, "--with-swift-runtime", DorsalProcess.binary, folder.path)
        let package = try #require(output.split(separator: "\n").last { $0.hasSuffix(".deb") }.map(String.init))

        try await tool("sh", "-c", "dpkg-deb -c '\(package)' >'\(folder.path("list"))'")
        let list = try String(contentsOfFile: folder.path("list"), encoding: .utf8)
        for (mode, name) in [
            ("-rwxr-xr-x", "usr/bin/dorsal"), ("drwxr-xr-x", "etc/dorsal/"),
            ("-rw-r--r--", "usr/lib/systemd/system/dorsal-backup@.timer"),
            ("-rw-r--r--", "usr/share/man/man1/dorsal-backup.1.gz"), ("-rw-r--r--", "usr/share/doc/dorsal/copyright"),
            ("-rw-r--r--", "usr/share/doc/dorsal/changelog.gz"),
            ("-rw-r--r--", "usr/share/doc/dorsal/examples/dorsal.yaml.sample"),
            ("-rw-r--r--", "usr/share/zsh/vendor-completions/_dorsal"),
        ] {
            #expect(list.contains(try Regex("(?m)^\(mode) root/root .* \\./\(name)$")), "\(name)")
        }
        #expect(!list.contains("timers.target.wants"))
        #expect(!list.contains(" ./etc/dorsal/dorsal.yaml"))

        #expect(try await tool("dpkg-deb", "-f", package, "Package") == "dorsal")
        let version = try await tool("dpkg-deb", "-f", package, "Version")
        #expect(try await tool(DorsalProcess.binary, "--version") == "dorsal \(version.dropLast(2))")
        let depends = try await tool("dpkg-deb", "-f", package, "Depends")
        for library in ["libarchive13", "libc6", "libisal2", "libmariadb3"] { #expect(depends.contains(library)) }

        let root = folder.path("root")
        try await tool("dpkg-deb", "-x", package, root)
        try await tool("dpkg-deb", "-e", package, "\(root)/DEBIAN")
        try await tool("sh", "-c", "cd '\(root)' && md5sum --quiet -c DEBIAN/md5sums")
        for script in ["postinst", "prerm", "postrm"] { try await tool("sh", "-n", "\(root)/DEBIAN/\(script)") }
    }

    @Test("A program that needs Swift's libraries is refused, and so is none")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let dynamic = try await complaint(Self.script, DorsalProcess.binary, folder.path)
        #expect(dynamic?.contains("needs Swift's libraries") == true)
        let none = try await complaint(Self.script, folder.path("none"), folder.path)
        #expect(none?.contains("hint: make build") == true)
        #expect(try await complaint(Self.script)?.contains("exit status 64") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("Trying a package out asks for one")
    func check() async throws {
        let folder = try TemporaryFolder()
        let said = try await complaint(Repository.path("Scripts/deb-check.sh"), folder.path("none.deb"))
        #expect(said?.contains("usage:") == true)
    }
}
