import Failures

/// Makes a configuration from settings: types, defaults, and what must hold between keys.
struct ConfigurationBuilder {
    let settings: ConfigurationSettings
    /// The process's environment, for the `AWS_` variables.
    let environment: [String: String]
    /// The configuration file with its mode.
    let contents: FileContents
    /// What is accepted, but had better be changed.
    var warnings: [String] = []
    /// Where values come from that neither a setting gives nor the default, by their keys.
    var origins: [String: String] = [:]

    /// Prepares to make a configuration.
    init(settings: ConfigurationSettings, environment: [String: String], contents: FileContents) {
        self.settings = settings
        self.environment = environment
        self.contents = contents
    }

    /// Makes the configuration.
    mutating func configuration() throws -> Configuration {
        let instance = try self.instance()
        return try Configuration(
            instance: instance,
            repository: self.repository(),
            backup: self.backup(),
            replication: self.replication(of: instance),
            retention: self.retention(),
            hooks: self.hooks(),
            metrics: self.metrics(),
            completenessTest: self.completenessTest(),
            file: self.settings.file,
            warnings: self.warnings
        )
    }

    private mutating func instance() throws -> Configuration.Instance {
        let id = try self.settings.required("instance.id").number(in: 1...UInt32.max)
        let port = try self.settings["instance.port"]?.number(in: 1...UInt16.max) ?? 3306
        let files = try self.serverFiles(port: port)
        return try Configuration.Instance(
            name: self.settings["instance.name"].map(ConfigurationBuilder.folderName),
            id: id,
            host: self.settings["host"]?.text,
            port: port,
            base: self.settings["instance.base"]?.absolutePath(),
            dataDirectory: files.data,
            myCnf: files.myCnf,
            socket: self.settings["instance.socket"]?.absolutePath() ?? files.socket,
            user: self.settings["instance.user"]?.text ?? "root",
            password: self.secret("instance.password"),
            osUser: self.settings["instance.os_user"]?.text ?? "mysql"
        )
    }

    /// Finds the server's files; where the configuration is silent, its option file is asked.
    private mutating func serverFiles(port: UInt16) throws -> ServerFiles {
        var data = self.settings["instance.data"]?.absolutePath()
        if data == nil, let base = self.settings["data_base"] {
            // The folder's name has the port in it, so a default would be a guess at somebody's data.
            _ = try self.settings.required("instance.port")
            data = "\(base.absolutePath())/mysql-\(port)"
            self.origins["instance.data"] = base.source
        }
        let socket = self.settings["instance.socket"]
        // mysqlbackup.py did not look into the option file, and its users' sockets are where it took them to be.
        let files = try ServerFiles(
            data: data,
            myCnf: self.settings["instance.my_cnf"]?.absolutePath(),
            asksForSocket: socket == nil && !self.settings.isFlat,
            configuration: self.settings.file
        )
        if let warning = files.warning { self.warnings.append(warning) }
        if data == nil { self.origins["instance.data"] = files.myCnf }
        if socket == nil, files.socket != nil { self.origins["instance.socket"] = files.myCnf }
        return files
    }

    private mutating func repository() throws -> Configuration.Repository {
        let local = self.settings["repository.local"]?.absolutePath()
        let s3 = try self.settings.hasSection("repository.s3") ? self.s3() : nil
        if local == nil, s3 == nil { _ = try self.settings.required("repository.local") }
        return Configuration.Repository(local: local, s3: s3)
    }

    private func completenessTest() throws -> Configuration.CompletenessTest? {
        guard self.settings.hasSection("completeness_test") else { return nil }
        let insert = try self.settings.required("completeness_test.insert")
        guard insert.text.contains("{v}") else {
            throw insert.failure("must have {v} where the value goes")
        }
        let select = try self.settings.required("completeness_test.select").text
        return Configuration.CompletenessTest(insert: insert.text, select: select)
    }

    /// A name that can be a folder's.
    private static func folderName(_ setting: Setting) throws -> String {
        let name = setting.text
        let isFolder = !name.hasPrefix(".") && !name.contains("/") && name.unicodeScalars.allSatisfy { $0.value >= 32 }
        guard isFolder else { throw setting.failure("must be the name of a folder, not '\(name)'") }
        return name
    }
}
