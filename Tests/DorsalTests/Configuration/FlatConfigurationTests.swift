import Dorsal
import Failures
import TestSupport
import Testing

@Suite("Configuration: mysqlbackup.py's format")
struct FlatConfigurationTests {
    private let fixture: ConfigurationFixture
    private let flat = """
        mysql_base: /usr/local/mysql-5.7.13
        host: 10.1.2.3
        data_base: /data1
        backup_base: /data1/backup
        port: 3309
        instance_id: 1

        """
    private let optional = """
        s3_host: s3.example.com
        s3_bucket: mysql-backup
        s3_access_key: access
        s3_secret_key: topsecret
        sql_test_insert: "insert into t values ('{v}')"
        sql_test_get_2: "select v from t order by id desc limit 2"

        """

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test("All keys are taken, with that tool's derived defaults")
    func allKeys() throws {
        let configuration = try self.fixture.load(self.flat + self.optional)
        let expected = Configuration(
            instance: .init(
                name: "mysql-3309",
                id: 1,
                host: "10.1.2.3",
                port: 3309,
                base: "/usr/local/mysql-5.7.13",
                dataDirectory: "/data1/mysql-3309",
                myCnf: "/data1/mysql-3309/my.cnf",
                socket: "/var/run/mysqld/mysqld-3309.sock"
            ),
            repository: .init(
                local: "/data1/backup",
                s3: .init(
                    endpoint: "https://s3.example.com",
                    bucket: "mysql-backup",
                    credentials: .account(
                        accessKey: .literal(Secret("access")),
                        secretKey: .literal(Secret("topsecret"))
                    )
                )
            ),
            completenessTest: .init(
                insert: "insert into t values ('{v}')",
                select: "select v from t order by id desc limit 2"
            ),
            file: self.fixture.file
        )
        #expect(configuration == expected)
    }

    @Test("A secret that others can read is a warning here, as nothing is to change for the tool's users")
    func secretWarning() throws {
        let configuration = try self.fixture.load(self.flat + self.optional, mode: 0o644)
        let warning = try #require(configuration.warnings.first)
        #expect(configuration.warnings.count == 1)
        #expect(warning.hasPrefix("\(self.fixture.file):10: 's3_secret_key' is a secret"))
        #expect(warning.contains("0644"))
        #expect(warning.contains("chmod 600"))
        #expect(!warning.contains("topsecret"))
    }

    @Test("Sections may stand beside the flat keys")
    func mixed() throws {
        let yaml = self.flat + "replication: { user: repl }\ninstance: { socket: /run/my.sock, user: dorsal }\n"
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.replication.user == "repl")
        #expect(configuration.instance.user == "dorsal")
        #expect(configuration.instance.socket == "/run/my.sock")
        #expect(configuration.instance.dataDirectory == "/data1/mysql-3309")
    }

    @Test("The socket is where that tool took it to be, whatever the option file says")
    func socket() throws {
        try self.fixture.folder.write("[mysqld]\nsocket=/run/other.sock", to: "mysql-3309/my.cnf")
        let configuration = try self.fixture.load(self.flat.replacing("data_base: /data1", with: "data_base: ."))
        #expect(configuration.instance.myCnf == self.fixture.folder.path("mysql-3309/my.cnf"))
        #expect(configuration.instance.socket == "/var/run/mysqld/mysqld-3309.sock")
    }

    @Test("Optional keys without a value are as good as absent")
    func emptyValues() throws {
        let yaml = self.flat + "s3_host:\ns3_bucket: \"\"\ns3_access_key: ~\ns3_secret_key: null\n"
        #expect(try self.fixture.load(yaml).repository.s3 == nil)
    }

    @Test("A host with a scheme stays as it is")
    func scheme() throws {
        let yaml = self.flat + self.optional.replacing("s3_host: s3", with: "s3_host: http://s3")
        #expect(try self.fixture.load(yaml).repository.s3?.endpoint == "http://s3.example.com")
    }

    @Test("The environment overrides flat keys by today's names")
    func environment() throws {
        let port = ["DORSAL_INSTANCE_PORT": "3310"]
        #expect(try self.fixture.load(self.flat, environment: port).instance.dataDirectory == "/data1/mysql-3310")
        let data = ["DORSAL_INSTANCE_DATA": "/data2/db"]
        #expect(try self.fixture.load(self.flat, environment: data).instance.dataDirectory == "/data2/db")
    }

    @Test(
        "The same thing said twice is an error",
        arguments: [
            ("instance: { port: 3309 }", "'port' says the same as 'instance.port' on line 13", 5),
            ("instance: { data: /x }", "'data_base' says the same as 'instance.data' on line 13", 3),
            ("instance: { id: 2 }", "'instance_id' says the same as 'instance.id' on line 13", 6),
            ("repository: { local: /x }", "'backup_base' says the same as 'repository.local' on line 13", 4),
            (
                "repository: { s3: { secret_key_file: /x } }",
                "'s3_secret_key' says the same as 'repository.s3.secret_key_file' on line 13", 10
            ),
        ]
    )
    func saidTwice(section: String, problem: String, line: Int) throws {
        let failure = try self.fixture.failure(self.flat + self.optional + section)
        #expect(failure.message == "\(self.fixture.file):\(line): \(problem)")
        #expect(failure.hint == "keep one of them")
    }

    @Test(
        "What is missing goes by the name that is used here",
        arguments: [
            ("port: 3309\n", "'port' is missing"), ("instance_id: 1\n", "'instance_id' is missing"),
            ("backup_base: /data1/backup\n", "'backup_base' is missing"),
            ("data_base: /data1\n", "'instance.data' is missing"),
            ("s3_bucket: mysql-backup\n", "'s3_bucket' is missing"),
            ("s3_host: s3.example.com\n", "'s3_host' is missing"),
            ("s3_secret_key: topsecret\n", "'s3_secret_key' is missing"),
            (
                "sql_test_get_2: \"select v from t order by id desc limit 2\"\n", "'sql_test_get_2' is missing"
            ),
        ]
    )
    func missing(line: String, problem: String) throws {
        var yaml = (self.flat + self.optional).replacing(line, with: "")
        if line.hasPrefix("backup_base") { yaml = self.flat.replacing(line, with: "") }
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(self.fixture.file): \(problem)")
        #expect(failure.hint != nil)
    }

    @Test("Wrong values are named by the flat key")
    func wrongValue() throws {
        let failure = try self.fixture.failure(self.flat.replacing("3309", with: "70000"))
        #expect(failure.message == "\(self.fixture.file):5: 'port' must be a number from 1 to 65535, not '70000'")
    }
}
