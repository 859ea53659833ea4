import Dorsal
import Failures
import TestSupport
import Testing

@Suite("Configuration: today's format")
struct SectionedConfigurationTests {
    private let fixture: ConfigurationFixture

    init() throws { self.fixture = try ConfigurationFixture() }

    private func sample() throws -> String {
        let folder = self.fixture.folder
        let password = try folder.write("hunter2\n", to: "mysql-password")
        let replication = try folder.write("swordfish", to: "replication-password")
        let secretKey = try folder.write("s3 secret\r\n", to: "secret-key")
        return """
            instance:
              name: orders                    # folder in the repository; default mysql-<port>
              id: 1                           # unique in the replication group
              port: 3309
              base: /usr                      # the server's installation: bin/ or sbin/ with mysqld or mariadbd
              data: /data1/mysql-3309         # default: datadir of my_cnf
              my_cnf: /data1/mysql-3309/my.cnf
              socket: /var/run/mysqld/mysqld-3309.sock
              user: root
              password_file: \(password)      # optional; never on a command line
              os_user: mysql                  # owner of restored files, user of temporary servers
            repository:
              local: /data1/backup
              s3:
                endpoint: https://s3.example.com
                bucket: mysql-backup
                prefix: ""
                region: us-east-1
                access_key: …
                secret_key_file: \(secretKey)   # or secret_key in a file of mode 0600; or the AWS_* environment
            backup:
              engine: auto                    # xtrabackup | mariabackup | clone
              package: tar.gz                 # tar.zst
              keep_local: true                # leave the package in the local repository after the upload
            replication:
              user: repl
              password_file: \(replication)
              sources:
                - { id: 2, host: 10.0.0.2, port: 3309 }      # channel "source-2"
              temporary_server_id: 100003309  # default: derived, and checked against all peers
            completeness_test:                # optional: mysqlbackup.py's sql_test_insert and sql_test_get_2
              insert: "insert into xp2.heartbeat (`key`, value, ts) values ('test-backup', '{v}', '{v}')"
              select: "select value from xp2.heartbeat order by _id desc limit 2"
            """
    }

    @Test("The sample gives every value")
    func sampleValues() throws {
        let folder = self.fixture.folder
        let configuration = try self.fixture.load(self.sample(), mode: 0o644)
        let expected = Configuration(
            instance: .init(
                name: "orders",
                id: 1,
                port: 3309,
                base: "/usr",
                dataDirectory: "/data1/mysql-3309",
                myCnf: "/data1/mysql-3309/my.cnf",
                socket: "/var/run/mysqld/mysqld-3309.sock",
                user: "root",
                password: .file(folder.path("mysql-password")),
                osUser: "mysql"
            ),
            repository: .init(
                local: "/data1/backup",
                s3: .init(
                    endpoint: "https://s3.example.com",
                    bucket: "mysql-backup",
                    prefix: "",
                    region: "us-east-1",
                    credentials: .account(
                        accessKey: .literal(Secret("…")),
                        secretKey: .file(folder.path("secret-key"))
                    )
                )
            ),
            backup: .init(engine: .auto, package: .targz, keepLocal: true),
            replication: .init(
                user: "repl",
                password: .file(folder.path("replication-password")),
                sources: [.init(id: 2, host: "10.0.0.2", port: 3309, channel: "source-2")],
                temporaryServerID: 100_003_309
            ),
            completenessTest: .init(
                insert: "insert into xp2.heartbeat (`key`, value, ts) values ('test-backup', '{v}', '{v}')",
                select: "select value from xp2.heartbeat order by _id desc limit 2"
            ),
            file: self.fixture.file
        )
        #expect(configuration == expected)
        #expect(try configuration.instance.password?.resolve() == Secret("hunter2"))
        #expect(try configuration.repository.s3?.credentials.resolve().secretKey == Secret("s3 secret"))
    }

    @Test("The least configuration gets the defaults, and equals one made in code")
    func defaults() throws {
        let configuration = try self.fixture.load(ConfigurationFixture.least)
        let expected = Configuration(
            instance: .init(id: 1, dataDirectory: "/data/mysql"),
            repository: .init(local: "/backup"),
            file: self.fixture.file
        )
        #expect(configuration == expected)
        #expect(configuration.instance.name == "mysql-3306")
        #expect(configuration.instance.myCnf == "/data/mysql/my.cnf")
        #expect(configuration.instance.socket == "/var/run/mysqld/mysqld-3306.sock")
        #expect(configuration.instance.user == "root")
        #expect(configuration.instance.osUser == "mysql")
        #expect(configuration.backup.keepLocal)
        #expect(configuration.completenessTest == nil)
        #expect(configuration.warnings.isEmpty)
    }

    @Test("The option file says where data and socket are")
    func optionFile() throws {
        let folder = self.fixture.folder
        try folder.write("[mariadb]\nsocket=/run/x.sock\n[mysqld]\ndatadir = /data/mysql/\n", to: "my.cnf")
        let yaml = "instance: { id: 1, my_cnf: my.cnf }\nrepository: { local: backup }"
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.instance.dataDirectory == "/data/mysql")
        #expect(configuration.instance.socket == "/run/x.sock")
        // Relative paths are relative to the configuration file.
        #expect(configuration.instance.myCnf == folder.path("my.cnf"))
        #expect(configuration.repository.local == folder.path("backup"))
    }

    @Test("With data given, a missing or broken option file is no error")
    func optionFileNotNeeded() throws {
        let yaml = "instance: { id: 1, data: ., port: 3307 }\nrepository: { local: /backup }"
        #expect(try self.fixture.load(yaml).warnings.isEmpty)
        try self.fixture.folder.write("[mysqld]\nsocket=mysql.sock", to: "my.cnf")
        #expect(try self.fixture.load(yaml).instance.socket == self.fixture.folder.path("mysql.sock"))
        try self.fixture.folder.write("port=1", to: "my.cnf")
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.instance.socket == "/var/run/mysqld/mysqld-3307.sock")
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings.first?.contains(self.fixture.folder.path("my.cnf:1")) == true)
    }

    @Test(
        "Without data, the option file must say where it is",
        arguments: [
            (nil, "cannot read the option file"), ("[client]\ndatadir=/x", "does not say where"),
            ("[mysqld]\ndatadir=data", "relative datadir 'data'"), ("x=1", ":1: the option 'x' stands before"),
        ]
    )
    func optionFileNeeded(text: String?, reason: String) throws {
        if let text { try self.fixture.folder.write(text, to: "my.cnf") }
        let failure = try self.fixture.failure("instance: { id: 1, my_cnf: my.cnf }\nrepository: { local: /b }")
        #expect(failure.message.contains(reason))
        #expect(failure.message.contains(self.fixture.folder.path("my.cnf")))
        #expect(failure.hint?.contains("instance.data") == true)
    }

    @Test("Peers get the default port, and a channel by their number")
    func sources() throws {
        let yaml =
            ConfigurationFixture.least + """
                replication:
                  user: repl
                  password: secret
                  sources:
                    - id: 7
                      host: db7
                    - { id: 8, host: db8, port: "3308" }
                """
        let replication = try self.fixture.load(yaml).replication
        let expected: [Configuration.Source] = [.init(id: 7, host: "db7"), .init(id: 8, host: "db8", port: 3308)]
        #expect(replication.sources == expected)
        #expect(replication.sources.map(\.channel) == ["source-7", "source-8"])
        #expect(replication.password == .literal(Secret("secret")))
        #expect(replication.temporaryServerID == nil)
    }

    @Test("Sections may be empty, as when all their keys are commented out")
    func emptySections() throws {
        let yaml = ConfigurationFixture.least + "  s3:\nbackup:\n#  engine: clone\nreplication:\n  sources:\n"
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.repository.s3 == nil)
        #expect(configuration.replication == .init())
    }

    @Test("Byte order mark, CR LF, and YAML's other words for yes and no")
    func windows() throws {
        let yaml =
            "\u{FEFF}"
            + (ConfigurationFixture.least + "backup: { keep_local: off, engine: clone }").replacing("\n", with: "\r\n")
        let backup = try self.fixture.load(yaml).backup
        #expect(!backup.keepLocal)
        #expect(backup.engine == .clone)
    }
}
