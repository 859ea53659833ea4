import Dorsal
import Failures
import Glibc
import TestSupport
import Testing

@Suite("Configuration: what is refused")
struct StrictConfigurationTests {
    private let fixture: ConfigurationFixture

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test(
        "Unknown keys are errors with the nearest valid one",
        arguments: [
            ("instance:\n  prot: 3309", 2, "instance.prot", "did you mean 'instance.port'?"),
            ("instnace:\n  port: 3309", 1, "instnace", "did you mean 'instance'?"),
            ("instance:\n  id: 1\n  datadir: /x", 3, "instance.datadir", "did you mean 'instance.data'?"),
            ("instance:\n  local: /x", 2, "instance.local", "did you mean 'repository.local'?"),
            ("data: /x", 1, "data", "did you mean 'instance.data'?"),
            ("data_bsae: /x", 1, "data_bsae", "did you mean 'data_base'?"),
            ("repository:\n  s3:\n    buckets: x", 3, "repository.s3.buckets", "did you mean 'repository.s3.bucket'?"),
            (
                "backup:\n\n  colour: x", 3, "backup.colour",
                "the keys in 'backup' are engine, package, keep_local, max_rate, low_priority, staging, threads"
            ),
            (
                "replication:\n  sources:\n  - id: 2\n    hots: x", 4, "replication.sources[].hots",
                "did you mean 'replication.sources[].host'?"
            ),
            ("instance.port: 3309", 1, "instance.port", "write 'port:' indented below 'instance:'"),
        ]
    )
    func unknownKeys(yaml: String, line: Int, key: String, hint: String) throws {
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(self.fixture.file):\(line): unknown key '\(key)'")
        #expect(failure.hint == hint)
    }

    @Test(
        "Keys that stand twice are errors",
        arguments: [
            ("instance:\n  port: 1\n  id: 1\n  port: 2", 2, "'port'"),
            ("port: 1\nport: 2", 1, "'port'"), ("backup:\n\nbackup:\n", 1, "'backup'"),
            ("replication:\n  sources:\n  - { id: 2, id: 3 }", 3, "'id'"),
        ]
    )
    func duplicateKeys(yaml: String, line: Int, key: String) throws {
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(self.fixture.file):\(line): \(key) is given more than once")
    }

    @Test(
        "Values of the wrong kind are errors",
        arguments: [
            ("instance:\n  port: abc", 2, "'instance.port' must be a number from 1 to 65535, not 'abc'"),
            ("instance:\n  port: 70000", 2, "'instance.port' must be a number from 1 to 65535, not '70000'"),
            ("instance:\n  port: 0", 2, "'instance.port' must be a number from 1 to 65535, not '0'"),
            ("instance:\n  id: 4294967296", 2, "'instance.id' must be a number from 1 to 4294967295, not '4294967296'"),
            ("instance:\n  port: { a: 1 }", 2, "'instance.port' must be a single value"),
            ("instance:\n  port:", 2, "'instance.port' has no value"),
            ("instance:\n  name: \"\"", 2, "'instance.name' must not be empty"),
            ("instance: 3309", 1, "'instance' must have keys below it"),
            ("backup:\n  keep_local: maybe", 2, "'backup.keep_local' must be true or false, not 'maybe'"),
            (
                "backup:\n  engine: xtrabakup", 2,
                "'backup.engine' must be one of auto, xtrabackup, mariabackup, clone, not 'xtrabakup'"
            ),
            (
                "repository:\n  s3:\n    endpoint: s3.example.com", 3,
                "'repository.s3.endpoint' must be a URL such as https://s3.example.com, not 's3.example.com'"
            ),
            (
                "repository:\n  s3:\n    endpoint: https://me:pw@s3.example.com", 3,
                "'repository.s3.endpoint' must not hold a user or password"
            ),
            ("replication:\n  sources: { id: 2 }", 2, "'replication.sources' must be a list"),
            ("replication:\n  sources:\n    - db2", 3, "a peer must have id, host and port"),
            ("? [a, b]\n: 1", 1, "a key must be a word"),
        ]
    )
    func wrongKinds(yaml: String, line: Int, problem: String) throws {
        #expect(try self.fixture.failure(yaml).message == "\(self.fixture.file):\(line): \(problem)")
    }

    @Test(
        "Text that is not a configuration is an error with its line",
        arguments: [
            ("", 1, "the configuration is empty"), ("# nothing\n\n", 1, "the configuration is empty"),
            ("~", 1, "the configuration is empty"), ("\n- a\n- b", 2, "keys such as 'instance:' must stand here"),
            ("instance", 1, "keys such as 'instance:' must stand here"),
            ("instance:\n  id: 1\n port: 2", 3, "this is not YAML"), ("a: b: c", 1, "this is not YAML"),
            ("a: \"b", 1, "this is not YAML"), ("a: 1\n---\nb: 1", 2, "this is not YAML"),
            ("a: 1\nb: *c", 2, "this is not YAML"), ("a: 1\nb: \u{1}", 2, "this is not YAML"),
        ]
    )
    func notYAML(yaml: String, line: Int, problem: String) throws {
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message.hasPrefix("\(self.fixture.file):\(line): \(problem)"))
    }

    @Test("A tab is named, and lines are counted whatever ends them")
    func tabs() throws {
        let tab = try self.fixture.failure("instance:\n\tid: 1\n")
        #expect(tab.message.hasPrefix("\(self.fixture.file):2: this is not YAML"))
        #expect(tab.hint == "indent by spaces: this line has a tab")
        let windows = try self.fixture.failure("\u{FEFF}instance:\r\n  id: 1\r\n  prot: 2\r\n")
        #expect(windows.message == "\(self.fixture.file):3: unknown key 'instance.prot'")
        #expect(windows.hint == "did you mean 'instance.port'?")
    }

    @Test("A folder or an endless file in the configuration's place is an error", arguments: ["/", "/dev/zero"])
    func noFile(path: String) throws {
        let failure = try #require(throws: Failure.self) {
            try ConfigurationLoader.load(path: path, environment: [:], workingDirectory: "/")
        }
        #expect(failure.class == .usage)
        #expect(failure.message == "cannot read the configuration file \(path)")
        #expect(failure.cause != nil)
        #expect(failure.hint != nil)
    }

    @Test("A file that this user may not read is an error", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        let failure = try self.fixture.failure(ConfigurationFixture.least, mode: 0)
        #expect(failure.message == "cannot read the configuration file \(self.fixture.file)")
    }

    @Test(
        "What must be there is asked for",
        arguments: [
            ("instance: { data: /d }\nrepository: { local: /b }", "instance.id"),
            ("instance: { id: 1 }\nrepository: { local: /b }", "instance.data"),
            ("instance: { id: 1, data: /d }", "repository.local"),
            (ConfigurationFixture.least + "completeness_test: { insert: 'x {v}' }", "completeness_test.select"),
            (
                ConfigurationFixture.least + "  s3: { access_key: a, secret_key: b, endpoint: 'http://c' }",
                "repository.s3.bucket"
            ),
            (ConfigurationFixture.least + "  s3: { access_key: a, bucket: c }", "repository.s3.secret_key"),
            (ConfigurationFixture.least + "  s3: { secret_key: a, bucket: c }", "repository.s3.access_key"),
            (ConfigurationFixture.least + "replication: { sources: [{ id: 2, host: b }] }", "replication.user"),
        ]
    )
    func missing(yaml: String, key: String) throws {
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(self.fixture.file): '\(key)' is missing")
        #expect(failure.hint != nil)
    }

    @Test(
        "Values must fit each other",
        arguments: [
            ("replication: { user: r, sources: [{ id: 1, host: b }] }", "is the number of the instance itself"),
            (
                "replication: { user: r, sources: [{ id: 2, host: b }, { id: 2, host: c }] }",
                "is the number of another peer"
            ),
            ("replication: { user: r, sources: [{ id: 2 }] }", "this peer has no 'host'"),
            ("replication: { user: r, sources: [{ host: b }] }", "this peer has no 'id'"),
            ("replication: { temporary_server_id: 1 }", "is the number of a server of the group"),
            ("replication: { password: a, password_file: b }", "exclude each other"),
            ("completeness_test: { insert: x, select: y }", "must have {v}"),
            ("metrics: { textfile: dorsal.txt }", "must end in .prom"),
        ]
    )
    func contradictions(section: String, problem: String) throws {
        let failure = try self.fixture.failure(ConfigurationFixture.least + section)
        #expect(failure.message.hasPrefix("\(self.fixture.file):6: "))
        #expect(failure.message.contains(problem))
        #expect(failure.hint != nil || section.contains("insert"))
    }

    @Test("The instance's name must be a folder's", arguments: ["a/b", "..", ".hidden", "a\u{7}b"])
    func names(name: String) throws {
        let environment = ["DORSAL_INSTANCE_NAME": name]
        let failure = try self.fixture.failure(ConfigurationFixture.least, environment: environment)
        #expect(failure.message.contains("DORSAL_INSTANCE_NAME must be the name of a folder"))
    }
}
