import Failures
import TestSupport
import Testing

@testable import Dorsal

@Suite("The environment of hooks")
struct HookEnvironmentTests {
    private let fixture: ConfigurationFixture

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test("It names instance, backup and configuration, and holds no secret")
    func variables() throws {
        let configuration = try self.fixture.load(ConfigurationFixture.least)
        let outer = [
            "PATH": "/bin", "DORSAL_INSTANCE_PASSWORD": "s1", "DORSAL_REPLICATION_PASSWORD": "s2",
            "DORSAL_REPOSITORY_S3_SECRET_KEY": "s3", "DORSAL_HOOKS_HEARTBEAT_URL": "https://s4", "MYSQL_PWD": "s5",
            "AWS_SECRET_ACCESS_KEY": "s6", "AWS_SESSION_TOKEN": "s7", "DORSAL_SYNC_POINT": "pack",
            "DORSAL_BACKUP_ID": "another's", "DORSAL_INSTANCE_PORT": "3310",
        ]
        let variables = HookEnvironment.variables(configuration, backup: nil, from: outer)
        #expect(
            variables == [
                "PATH": "/bin", "DORSAL_INSTANCE_PORT": "3310", "DORSAL_INSTANCE": configuration.instance.name,
                "DORSAL_CONFIG": self.fixture.file,
            ]
        )
        let id = try BackupID("20261122T094058Z-1f3a9c")
        let later = HookEnvironment.variables(configuration, backup: id, from: [:])
        #expect(later["DORSAL_BACKUP_ID"] == "20261122T094058Z-1f3a9c")
    }

    @Test("A hook may run dorsal: its variables are known")
    func known() throws {
        let environment = ["DORSAL_INSTANCE": "orders", "DORSAL_BACKUP_ID": "20261122T094058Z-1f3a9c"]
        #expect(try self.fixture.load(ConfigurationFixture.least, environment: environment).instance.port > 0)
        let failure = try self.fixture.failure(ConfigurationFixture.least, environment: ["DORSAL_BACKUP_IX": "x"])
        #expect(failure.message == "unknown environment variable 'DORSAL_BACKUP_IX'")
    }

    @Test("A monitor's address is a secret: no message and no listing shows it")
    func address() throws {
        let yaml = ConfigurationFixture.least + "hooks: { heartbeat_url: 'https://ping.example.com/s3cret' }\n"
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.hooks.heartbeatURL?.reveal() == "https://ping.example.com/s3cret")
        #expect(!"\(configuration)".contains("s3cret"))
        for address in ["s3cret", "ftp://host/s3cret", "https:///s3cret", "https://user:s3cret@host/"] {
            let wrong = ConfigurationFixture.least + "hooks: { heartbeat_url: '\(address)' }\n"
            #expect(try !self.fixture.failure(wrong).description.contains("s3cret"))
        }
    }
}
