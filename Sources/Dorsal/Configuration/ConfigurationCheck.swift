package import Failures
import Foundation
import Glibc

/// What is wrong, or had better be changed, with the files and folders that a configuration names.
///
/// The server, its peers and the storage are not asked, and no command of the configuration is run.
package struct ConfigurationCheck: Sendable {
    /// What a run would fail with.
    package private(set) var problems: [Failure] = []
    /// What a run would bear with, each in a sentence for people.
    package private(set) var warnings: [String]

    /// Looks at the files.
    ///
    /// - Parameter skipsPlaces: whether the instance's files and the repository's folders are left out, for those who
    ///   look at them more closely.
    package init(_ configuration: Configuration, skipsPlaces: Bool = false) {
        self.warnings = configuration.warnings
        if let file = configuration.file { self.warnIfWritable(file) }
        self.read(configuration.instance.password)
        self.read(configuration.replication.password)
        if !skipsPlaces { self.checkInstance(configuration.instance) }
        if let s3 = configuration.repository.s3 { self.check(s3) }
        self.checkFolders(configuration, skipsPlaces: skipsPlaces)
    }

    private mutating func checkInstance(_ instance: Configuration.Instance) {
        if let base = instance.base, !ConfigurationCheck.isFolder(base) {
            self.warnings.append("instance.base: there is no folder \(base)")
        }
        // Neither need be there where a lost instance is to be restored.
        if !ConfigurationCheck.isFolder(instance.dataDirectory) {
            self.warnings.append("instance.data: there is no folder \(instance.dataDirectory); a restore makes it")
        }
        if access(instance.myCnf, R_OK) != 0 {
            let cause = String(cString: strerror(errno))
            self.warnings.append("instance.my_cnf: \(instance.myCnf) cannot be read: \(cause)")
        }
        if getpwnam(instance.osUser) == nil {
            self.warnings.append("instance.os_user: this system has no user '\(instance.osUser)'")
        }
    }

    private mutating func check(_ s3: Configuration.S3Settings) {
        switch s3.credentials {
        case .account(let accessKey, let secretKey, let sessionToken):
            for source in [accessKey, secretKey, sessionToken] { self.read(source) }
        case .profile(_, let file):
            if let contents = try? FileContents(path: file, purpose: "the AWS file"), !contents.isPrivate {
                self.warnings.append(
                    "others can read the secret keys in \(file) (mode \(contents.modeText)); chmod 600 \(file)"
                )
            }
        }
        guard let certificates = s3.certificates else { return }
        self.collect {
            let text = try FileContents(path: certificates, purpose: "repository.s3.ca_file").text
            guard text.contains("-----BEGIN CERTIFICATE-----") else {
                let hint = "it must be a PEM file with -----BEGIN CERTIFICATE-----"
                throw Failure(.usage, "repository.s3.ca_file: \(certificates) holds no certificate", hint: hint)
            }
        }
    }

    private mutating func checkFolders(_ configuration: Configuration, skipsPlaces: Bool) {
        let textfile = configuration.metrics.textfile.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        let places = [
            ("repository.local", configuration.repository.local), ("backup.staging", configuration.backup.staging),
        ]
        let folders = (skipsPlaces ? [] : places) + [("metrics.textfile", textfile)]
        for case (let key, let folder?) in folders {
            var isFolder: ObjCBool = false
            if !FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) {
                self.warnings.append("\(key): there is no folder \(folder)")
            } else if !isFolder.boolValue {
                self.problems.append(Failure(.usage, "\(key): \(folder) is not a folder", hint: "correct the path"))
            } else if access(folder, W_OK | X_OK) != 0 {
                let cause = String(cString: strerror(errno))
                self.warnings.append("\(key): uid \(geteuid()) cannot write to \(folder): \(cause)")
            }
        }
    }

    /// A configuration has command lines in it, so whoever can write to it can do what this user can.
    private mutating func warnIfWritable(_ file: String) {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & 0o022 != 0 else { return }
        let mode = "0" + String(status.st_mode & 0o7777, radix: 8)
        self.warnings.append("others can write to \(file) (mode \(mode)); chmod go-w \(file)")
    }

    private mutating func read(_ source: PasswordSource?) {
        switch source {
        case nil, .literal, .command: break
        case .file, .credential: self.collect { _ = try source?.resolve() }
        }
    }

    private mutating func collect(_ check: () throws -> Void) {
        do {
            try check()
        } catch let failure as Failure {
            self.problems.append(failure)
        } catch {
            self.problems.append(Failure(.internal, "a check failed", cause: "\(error)"))
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
