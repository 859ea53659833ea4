import Foundation
import TestSupport
import Testing

@Suite("systemd units")
struct UnitTests {
    private static let services = ["dorsal-backup", "dorsal-prune", "dorsal-verify"]

    /// The installed units as instances, since systemd's checks take no templates.
    private func instances(of installed: Installed) throws -> [String] {
        let folder = "lib/systemd/system"
        return try installed.names(in: folder).map { name in
            let instance = name.replacing("@.", with: "@orders.")
            return try installed.folder.write(try installed.text("\(folder)/\(name)"), to: "units/\(instance)")
        }
    }

    @Test("systemd finds nothing to say against them")
    func verified() async throws {
        let installed = try await Installed()
        let units = try self.instances(of: installed)
        #expect(units.count == 2 * Self.services.count)
        for unit in units {
            #expect(
                try await tool("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit) == "",
                "\(unit)"
            )
        }
    }

    @Test("systemd does say something when the program or a key is wrong")
    func mistakes() async throws {
        let installed = try await Installed()
        let service = try installed.text("lib/systemd/system/dorsal-backup@.service")
        let missing = try installed.folder.write(
            service.replacing("/bin/dorsal ", with: "/bin/nothing "),
            to: "units/missing@orders.service"
        )
        let gone = try await complaint("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", missing)
        #expect(gone?.contains("nothing") == true)
        let misspelt = try installed.folder.write(
            service.replacing("PrivateTmp=", with: "PrivateTemp="),
            to: "units/misspelt@orders.service"
        )
        let said = try await complaint("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", misspelt)
        #expect(said?.contains("PrivateTemp") == true)
    }

    @Test("They give up what they do not need", arguments: services)
    func exposure(service: String) async throws {
        let installed = try await Installed()
        let unit = try #require(try self.instances(of: installed).first { $0.hasSuffix("\(service)@orders.service") })
        // In tenths; 96 is a service without any restriction.
        try await tool("systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", unit)
    }

    @Test("The limit of exposure is one that can be passed")
    func exposedService() async throws {
        let folder = try TemporaryFolder()
        let unit = try folder.write("[Service]\nExecStart=/bin/true\n", to: "open@orders.service")
        let said = try await complaint("systemd-analyze", "security", "--offline=true", "--threshold=30", unit)
        #expect(said?.contains("exit status 1") == true)
    }

    @Test("Services call commands that there are, and take warnings for success", arguments: services)
    func commands(service: String) async throws {
        let text = try Repository.text("Packaging/systemd/\(service)@.service")
        let verb = try #require(service.split(separator: "-").last.map(String.init))
        #expect(text.contains("\nExecStart=dorsal \(verb) --config /etc/dorsal/%i.yaml\n"))
        #expect(text.contains("\nType=oneshot\n"))
        #expect(text.contains("\nSuccessExitStatus=2\n"))
        let verbs = try await Commands.verbs()
        #expect(verbs.contains(verb))
    }

    @Test("Timers name times, and make up for what was missed", arguments: services)
    func times(service: String) async throws {
        let text = try Repository.text("Packaging/systemd/\(service)@.timer")
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("OnCalendar=") })
        let time = String(line.dropFirst("OnCalendar=".count))
        #expect(try await tool("systemd-analyze", "calendar", time).contains("Next elapse"))
        #expect(text.contains("\nPersistent=yes\n"))
        #expect(text.contains("\nRandomizedDelaySec="))
        #expect(text.contains("\nDefaultInstance=dorsal\n"))
    }

    @Test("The sample of a drop-in is one when its lines are turned on")
    func dropIn() async throws {
        let installed = try await Installed()
        let unit = try #require(try self.instances(of: installed).first { $0.hasSuffix("backup@orders.service") })
        let sample = try installed.text("share/doc/dorsal/examples/dorsal.conf.sample")
        let settings = sample.replacing(#/(?m)^#(?=[A-Z])/#, with: "")
        #expect(settings != sample)
        let name = URL(fileURLWithPath: unit).lastPathComponent
        try installed.folder.write(settings, to: "units/\(name).d/local.conf")
        #expect(try await tool("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit) == "")
        try installed.folder.write("[Service]\nProtectHome=perhaps\n", to: "units/\(name).d/local.conf")
        let said = try await complaint("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
        #expect(said?.contains("perhaps") == true)
    }
}
