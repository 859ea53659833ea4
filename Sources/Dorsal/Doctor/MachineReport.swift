import Blocking
import Database
import Failures
import Foundation
import Glibc
import Storage

/// What a restore finds on this machine.
struct MachineReport: Sendable {
    /// The uid of this process.
    let uid: UInt32
    /// The uid of the user that restored files are to belong to; nil when there is no such user.
    let osUser: UInt32?
    let dataDirectory: String
    /// The nearest folder above the data directory that is there.
    let parent: String
    /// Why nothing could be made beside the data directory; nil when that can be done.
    let problem: Failure?
    /// Bytes that are free there.
    let available: Int64?
    /// A folder that an interrupted restore has left; nil when there is none.
    let leftover: String?
}

extension Doctor {
    typealias Machine = (report: Result<MachineReport, Failure>, program: Result<Installation, Failure>)

    func lookAtMachine(_ limit: TimeLimit) async throws -> Machine? {
        guard self.wants(.restore) else { return nil }
        let configuration = self.configuration
        async let report = limit.ask("the disk of \(configuration.instance.dataDirectory)", .unusable) {
            try await untilCancelled { MachineReport(configuration) }
        }
        async let program = limit.ask("the server's program", .unusable) {
            try await Installation.find(base: configuration.instance.base)
        }
        return (try await report, try await program)
    }
}

extension MachineReport {
    init(_ configuration: Configuration) {
        let layout = TargetLayout(configuration)
        var parent = (layout.workFolder as NSString).deletingLastPathComponent
        while access(parent, F_OK) != 0, errno == ENOENT, parent.count > 1 {
            parent = (parent as NSString).deletingLastPathComponent
        }
        self.uid = geteuid()
        self.osUser = getpwnam(layout.osUser).map { $0.pointee.pw_uid }
        self.dataDirectory = layout.dataDirectory
        self.parent = parent
        self.problem = access(parent, W_OK | X_OK) == 0 ? nil : .file("write to", parent, errno: errno)
        self.available = try? DiskSpace.available(at: layout.workFolder)
        self.leftover = FileManager.default.fileExists(atPath: layout.workFolder) ? layout.workFolder : nil
    }
}
