// The example of the README: it is compiled with everything else, and a test holds the two together.

// README begin
import Dorsal
import Failures
import Foundation

let configuration = try ConfigurationLoader.load(
    path: "/etc/dorsal/dorsal.yaml",
    environment: ProcessInfo.processInfo.environment,
    workingDirectory: FileManager.default.currentDirectoryPath
)
let dorsal = Dorsal(configuration, progress: { event in print(event) })

do {
    let backup = try await dorsal.backup()
    print("\(backup.id): \(backup.package.bytes) bytes, sha256 \(backup.package.sha256)")

    // On the worst day: the newest backup, its binary logs, and what only the peers still hold.
    let restored = try await dorsal.restore()
    print("\(restored.dataDir) is ready and holds \(restored.gtid.executed)")
} catch let incomplete as IncompleteRestore {
    print("restored, but not everything: \(incomplete.failure)")
    print("missing: \(incomplete.summary.gtid.missing)")
} catch let failure as Failure {
    print("\(failure.class.name): \(failure)")
}
// README end
