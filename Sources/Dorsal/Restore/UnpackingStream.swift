import Archive
import Blocking
import Database
import Engines
import Failures
import Foundation
import Processes
import Storage

extension RestoreRun {
    /// The engine that makes files of a backup's stream.
    ///
    /// - Throws: `Failure` when this Dorsal cannot do that, or a program for it is missing.
    func streamEngine(_ manifest: Manifest, _ version: ServerVersion) throws -> CopyToolEngine? {
        guard let stream = manifest.stream else { return nil }
        guard stream.format == "xbstream", let engine = try self.engine(manifest, version) as? CopyToolEngine else {
            throw Failure(
                .usage,
                "backup \(manifest.id) has its data in a stream that this Dorsal does not read",
                cause: "format \(stream.format), engine \(manifest.engine.kind.rawValue)",
                hint: "update Dorsal"
            )
        }
        try engine.checkStreamProgram()
        return engine
    }

    /// Makes files of the data's stream while it is read, every byte verified.
    ///
    /// A parser takes each byte before the tool does, so that no path leads elsewhere. What the tool made of bytes that
    /// turn out not to be the backup's is not used: the caller removes it.
    func unpack(
        _ stream: Manifest.StreamRecord,
        _ copy: PackageCopy,
        _ plan: RestorePlan,
        into directory: String
    ) async throws {
        guard let engine = try self.streamEngine(plan.manifest, plan.version) else { return }
        let log = self.log
        try await engine.unpack(into: directory) { pipe in
            try await copy.read(stream, "unpack", log) { reader in
                // The program waits for us: whatever happens, nothing follows.
                defer { pipe.close() }
                var parser = engine.parser(name: copy.address(of: stream.name))
                try reader.read { bytes in
                    try parser.take(bytes)
                    try pipe.write(bytes)
                }
                _ = try parser.finish()
            }
        }
        // A restored server must write an auto.cnf, and so a UUID, of its own.
        try WorkFolder.removeIfThere("\(directory)/auto.cnf")
    }
}
