import Foundation
import Sandbox
import TestSupport
import Testing

/// Damaged packages are never restored.
@Suite("Damage") struct DamageTests {
    @Test("One flipped byte, and a package cut short: 7, nothing placed", arguments: TestServer.allCases)
    func damagedPackage(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let path = try scenario.package()
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))

            for offset in [0, 40, whole.count / 3, whole.count / 2, whole.count - 1] {
                var damaged = whole
                damaged[offset] ^= 0x10
                try await Self.expectRefused(damaged, scenario, "flipped at \(offset)")
            }
            for length in [0, 1000, whole.count / 2, whole.count - 1] {
                try await Self.expectRefused(whole.prefix(length), scenario, "cut to \(length)")
            }
            try FileManager.default.removeItem(atPath: path)
            let missing = try await scenario.dorsal("restore")
            #expect(missing.status == 7, "\(missing.all)")

            try whole.write(to: URL(fileURLWithPath: path))
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }

    private static func expectRefused(_ package: Data, _ scenario: Scenario, _ what: String) async throws {
        let path = try scenario.package()
        try package.write(to: URL(fileURLWithPath: path))
        let result = try await scenario.dorsal("restore")
        #expect(result.status == 7, "\(what): \(result.all)")
        #expect(result.error("class") == "integrity")
        #expect(result.error("message").contains("package.tar.gz"), "\(what): \(result.error("message"))")
        #expect(!FileManager.default.fileExists(atPath: scenario.lost.dataDirectory))
        #expect(!FileManager.default.fileExists(atPath: "\(scenario.lost.dataDirectory).dorsal-restore/unpacked"))
    }

    @Test("A damaged manifest is listed as damaged, and not restored")
    func damagedManifest() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.backUp()
            try await scenario.lose()
            let id = try #require(try scenario.backupIDs().last)
            try Scenario.write("{", to: "\(scenario.instanceFolder)/\(id)/manifest.json", mode: 0o600)
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 7, "\(restore.all)")
            #expect(restore.error("message").contains("manifest.json"))
            let list = try await scenario.dorsal("list")
            #expect(list.status == 2)
            #expect(list.out.contains("damaged"))
        }
    }
}
