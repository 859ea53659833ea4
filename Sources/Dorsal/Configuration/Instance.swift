extension Configuration {
    /// The server instance.
    public struct Instance: Sendable, Equatable {
        /// The instance's folder in the repository.
        public var name: String
        /// The instance's number, unique in the replication group.
        public var id: UInt32
        /// The host's name or address, for people only.
        public var host: String?
        /// The TCP port.
        public var port: UInt16
        /// The server's installation, with `mysqld` or `mariadbd` in its `bin` or `sbin`; nil to look in the usual places.
        public var base: String?
        /// The data directory.
        public var dataDirectory: String
        /// The server's option file.
        public var myCnf: String
        /// The UNIX socket.
        public var socket: String
        /// The database user that Dorsal connects as.
        public var user: String
        /// Where that user's password is.
        public var password: PasswordSource?
        /// The system user that owns restored files and runs temporary servers.
        public var osUser: String

        /// Makes an instance; what is nil is derived from the port and the data directory.
        public init(
            name: String? = nil,
            id: UInt32,
            host: String? = nil,
            port: UInt16 = 3306,
            base: String? = nil,
            dataDirectory: String,
            myCnf: String? = nil,
            socket: String? = nil,
            user: String = "root",
            password: PasswordSource? = nil,
            osUser: String = "mysql"
        ) {
            self.name = name ?? "mysql-\(port)"
            self.id = id
            self.host = host
            self.port = port
            self.base = base
            self.dataDirectory = dataDirectory
            self.myCnf = myCnf ?? "\(dataDirectory)/my.cnf"
            self.socket = socket ?? "/var/run/mysqld/mysqld-\(port).sock"
            self.user = user
            self.password = password
            self.osUser = osUser
        }
    }
}
