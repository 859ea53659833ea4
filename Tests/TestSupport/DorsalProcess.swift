import Failures
import Foundation
import Glibc
import Processes
import Subprocess
import SystemPackage

/// What a run of the built program came to.
package struct DorsalResult: Sendable {
    /// The exit code, or 128 and the signal that ended it.
    package let status: Int32
    package let out: String
    package let err: String

    /// The JSON objects on standard output of the given type.
    package func objects(_ type: String) -> [[String: any Sendable]] {
        self.out.split(separator: "\n").compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: any Sendable]
            return object?["type"] as? String == type ? object : nil
        }
    }

    /// A text in the summary, by the keys that lead to it.
    package func summary(_ keys: String...) -> String? {
        var value: Any? = self.objects("summary").last
        for key in keys { value = (value as? [String: Any])?[key] }
        return value as? String
    }

    /// The error object's text under a key.
    package func error(_ key: String) -> String { self.objects("error").last?[key] as? String ?? "" }

    /// Everything, for messages of failed tests.
    package var all: String { "status \(self.status)\n\(self.out)\n\(self.err)" }
}

/// The built `dorsal` program.
package struct DorsalProcess: Sendable {
    /// The program that the tests' build made.
    package static var binary: String {
        if let path = ProcessInfo.processInfo.environment["DORSAL_BINARY"] { return path }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        return "\(root)/.build/debug/dorsal"
    }

    /// A run that has stopped itself at a sync point.
    package struct Paused: Sendable {
        package let pid: Int32
        /// Lets it go on.
        package func resume() { kill(self.pid, SIGCONT) }
        /// Ends it as `kill -9` does.
        package func killHard() { kill(self.pid, SIGKILL) }
    }

    /// Runs the program.
    ///
    /// - Parameters:
    ///   - folder: where its output is kept meanwhile.
    ///   - terminal: what its standard error is, instead of a file.
    ///   - syncPoint: where it is to stop itself.
    ///   - atSyncPoint: called when it has; it must resume or kill it.
    ///   - during: called with the process's id as soon as it runs; the process is waited for afterwards.
    package static func run(
        _ arguments: [String],
        folder: String,
        environment: [String: String] = [:],
        terminal: PseudoTerminal? = nil,
        syncPoint: String? = nil,
        atSyncPoint: (Paused) async throws -> Void = { $0.resume() },
        during: (Int32) async throws -> Void = { _ in }
    ) async throws -> DorsalResult {
        let name = UUID().uuidString
        let paths = ("\(folder)/\(name).out", "\(folder)/\(name).err")
        let files = (try Self.create(paths.0), try terminal?.open() ?? Self.create(paths.1))
        var updates: [Environment.Key: String?] = [:]
        // The tests' own variables are not the program's.
        for key in ProcessInfo.processInfo.environment.keys where key.hasPrefix("DORSAL_") {
            updates[Environment.Key(stringLiteral: key)] = .some(nil)
        }
        for (key, value) in environment { updates[Environment.Key(stringLiteral: key)] = value }
        if let syncPoint { updates["DORSAL_SYNC_POINT"] = syncPoint }
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path(FilePath(Self.binary)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(updates),
            platformOptions: options,
            input: .none,
            output: .fileDescriptor(files.0, closeAfterSpawningProcess: true),
            error: .fileDescriptor(files.1, closeAfterSpawningProcess: true)
        ) { execution in
            let pid = execution.processIdentifier.value
            try await during(pid)
            if syncPoint != nil, try await Self.waitUntilStopped(pid) { try await atSyncPoint(Paused(pid: pid)) }
            try await Self.waitForEnd(pid)
        }
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return DorsalResult(status: status, out: Self.text(paths.0), err: Self.text(paths.1))
    }

    private static func waitForEnd(_ pid: Int32) async throws {
        guard try await !ProcessTable.waitForEnd(of: [pid], limit: .seconds(180)) else { return }
        kill(pid, SIGKILL)
        throw Failure(.internal, "dorsal, process \(pid), did not end within three minutes")
    }

    private static func create(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Waits until a process has stopped itself; false when it ended instead.
    private static func waitUntilStopped(_ pid: Int32) async throws -> Bool {
        while ProcessTable.isRunning(pid) {
            if ProcessTable.isStopped(pid) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
