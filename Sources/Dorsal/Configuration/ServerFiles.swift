import Database
import Failures
import Foundation

/// Where a server's files are: as configured, or as its option file says.
struct ServerFiles {
    /// The data directory.
    let data: String
    /// The option file, which need not exist where an instance is to be restored.
    let myCnf: String
    /// The socket, if the option file names one.
    let socket: String?
    /// What is wrong with the option file, though the rest does not depend on it.
    let warning: String?

    /// Finds the files.
    ///
    /// - Parameters:
    ///   - asksForSocket: whether the option file may have to say where the socket is.
    ///   - configuration: the configuration's file, for messages.
    init(data: String?, myCnf: String?, asksForSocket: Bool, configuration: String) throws {
        guard let data else {
            guard let myCnf else {
                let hint = "set it, or set instance.my_cnf, whose datadir is taken then"
                throw Failure(.usage, "\(configuration): 'instance.data' is missing", hint: hint)
            }
            let options = try ServerFiles.options(of: myCnf)
            self.data = try ServerFiles.dataDirectory(options)
            self.myCnf = myCnf
            self.socket = asksForSocket ? ServerFiles.socket(options, data: self.data) : nil
            self.warning = nil
            return
        }
        self.data = data
        self.myCnf = myCnf ?? "\(data)/my.cnf"
        guard asksForSocket, FileManager.default.fileExists(atPath: self.myCnf) else {
            (self.socket, self.warning) = (nil, nil)
            return
        }
        do {
            self.socket = ServerFiles.socket(try OptionFile(path: self.myCnf), data: data)
            self.warning = nil
        } catch let failure as Failure {
            // A dead server's option file may be broken, and a restore has to go on all the same.
            self.socket = nil
            self.warning = "\(failure.message); the socket is taken to be where it usually is"
        }
    }

    /// The groups that every server of some flavour reads; the version is not known yet.
    private static let groups = ["mysqld", "server", "mariadb", "mariadbd"]

    private static func options(of myCnf: String) throws -> OptionFile {
        do {
            return try OptionFile(path: myCnf)
        } catch let failure as Failure {
            let hint = "set instance.data, or make the datadir of instance.my_cnf readable"
            throw Failure(.usage, failure.message, cause: failure.cause, hint: hint)
        }
    }

    private static func dataDirectory(_ options: OptionFile) throws -> String {
        let hint = "set instance.data"
        guard let data = options.value(of: "datadir", in: ServerFiles.groups)?.text, !data.isEmpty else {
            throw Failure(.usage, "\(options.path) does not say where the data directory is", hint: hint)
        }
        guard data.hasPrefix("/") else {
            throw Failure(.usage, "\(options.path) has the relative datadir '\(data)'", hint: hint)
        }
        return URL(fileURLWithPath: data).standardizedFileURL.path
    }

    private static func socket(_ options: OptionFile, data: String) -> String? {
        guard let socket = options.value(of: "socket", in: ServerFiles.groups)?.text, !socket.isEmpty else {
            return nil
        }
        // A server works in its data directory.
        return socket.hasPrefix("/") ? socket : "\(data)/\(socket)"
    }
}
