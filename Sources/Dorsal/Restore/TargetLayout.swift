import Database
import Foundation
import Glibc

/// Where a restored instance's files go.
struct TargetLayout: Sendable, Equatable {
    let dataDirectory: String
    let myCnf: String
    let port: UInt16
    let socket: String
    let osUser: String
    /// The path of the binary logs without their number; nil when the option file alone decides.
    let binlogBase: String?
    let binlogIndex: String?
    /// Whether the option file that came with the backup does not fit as it is.
    let isElsewhere: Bool

    /// Whether the data directory is a file system of its own, so that it cannot be renamed.
    let isMountPoint: Bool

    /// A folder of our own on the data directory's file system, so that placing is a rename.
    ///
    /// It lies beside the data directory, or in it where it is a mount point. Servers pass over names that begin with a dot.
    var workFolder: String {
        self.isMountPoint ? "\(self.dataDirectory)/.dorsal-restore" : "\(self.dataDirectory).dorsal-restore"
    }
    /// Where the package is unpacked.
    var unpacked: String { "\(self.workFolder)/unpacked" }
    /// Where temporary servers keep their files; it belongs to the server's user.
    var serverFolder: String { "\(self.workFolder)/server" }

    var binlogDirectory: String? {
        self.binlogBase.map { ($0 as NSString).deletingLastPathComponent }
    }

    /// The layout for a backup, from its manifest, the configuration and the flags.
    init(_ manifest: Manifest, _ configuration: Configuration, _ options: RestoreOptions) {
        let instance = configuration.instance
        let original = Self.resolved(manifest.server.dataDirectory)
        let target = Self.resolved(options.targetDirectory ?? instance.dataDirectory)
        self.dataDirectory = target
        self.isMountPoint = Self.isMountPoint(target)
        self.port = options.port ?? instance.port
        self.socket = options.socket ?? instance.socket
        self.osUser = instance.osUser
        self.isElsewhere = target != original || options.port != nil || options.socket != nil
        self.myCnf = target == original || options.targetDirectory == nil ? instance.myCnf : "\(target)/my.cnf"
        self.binlogBase = Self.moved(manifest.server.binlogBase, from: original, to: target)
        self.binlogIndex = Self.moved(manifest.server.binlogIndex, from: original, to: target)
    }

    /// The layout of an instance that is there already.
    init(_ configuration: Configuration) {
        let instance = configuration.instance
        self.dataDirectory = Self.resolved(instance.dataDirectory)
        self.isMountPoint = Self.isMountPoint(self.dataDirectory)
        self.myCnf = instance.myCnf
        self.port = instance.port
        self.socket = instance.socket
        self.osUser = instance.osUser
        self.binlogBase = nil
        self.binlogIndex = nil
        self.isElsewhere = false
    }

    /// A path of the original instance, carried over to the target: below the data directory it stays below it; one
    /// outside moves in, as the original instance may still use it.
    private static func moved(_ path: String, from original: String, to target: String) -> String {
        if original == target { return path }
        if path.hasPrefix(original + "/") { return target + path.dropFirst(original.count) }
        return "\(target)/\((path as NSString).lastPathComponent)"
    }

    /// The folder itself where the path is a symbolic link to it, also when it is gone; without a slash at the end.
    private static func resolved(_ path: String) -> String {
        var path = path
        for _ in 0..<8 {
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            path = URL(fileURLWithPath: target, relativeTo: folder).standardizedFileURL.path
        }
        return path
    }

    private static func isMountPoint(_ path: String) -> Bool {
        var own = stat()
        var parent = stat()
        guard stat(path, &own) == 0, stat("\(path)/..", &parent) == 0 else { return false }
        return own.st_dev != parent.st_dev
    }
}

extension TargetLayout {
    /// Options whose paths must not be shared with the original instance, and those that this layout sets.
    func relocation() -> [String: String?] {
        let name = { (key: String) in "\(self.dataDirectory)/\(key)" }
        return [
            "datadir": self.dataDirectory,
            "port": "\(self.port)",
            "socket": self.socket,
            "pid_file": name("server.pid"),
            "log_error": name("error.log"),
            "log_bin": self.binlogBase,
            "log_bin_index": self.binlogIndex,
            "relay_log": name("relay-bin"),
            "relay_log_index": nil,
            "relay_log_info_file": nil,
            "general_log_file": nil,
            "slow_query_log_file": nil,
            "tmpdir": nil,
            "mysqlx_port": nil,
            "mysqlx_socket": nil,
            "admin_port": nil,
            "report_port": nil,
        ]
    }
}
