import Failures
import Foundation
import TestSupport
import Testing

@testable import Dorsal

@Suite("Configuration: where it comes from")
struct ConfigurationLoaderTests {
    private let fixture: ConfigurationFixture
    private let least = ConfigurationFixture.least

    init() throws { self.fixture = try ConfigurationFixture() }

    private func load(_ path: String? = nil, _ environment: [String: String] = [:]) throws -> Configuration {
        let folder = self.fixture.folder
        let system = folder.path("etc/dorsal.yaml")
        return try ConfigurationLoader.load(
            path,
            environment: environment,
            workingDirectory: folder.path,
            system: system
        )
    }

    @Test("The working directory goes before the system's folder")
    func search() throws {
        let folder = self.fixture.folder
        try folder.write(self.least, to: "etc/dorsal.yaml")
        #expect(try self.load().file == folder.path("etc/dorsal.yaml"))
        try folder.write(self.least, to: "dorsal.yaml")
        #expect(try self.load().file == folder.path("dorsal.yaml"))
    }

    @Test("A named file is the only one, and the option goes before DORSAL_CONFIG")
    func named() throws {
        let folder = self.fixture.folder
        for name in ["dorsal.yaml", "a.yaml", "b.yaml"] { try folder.write(self.least, to: name) }
        #expect(try self.load(nil, ["DORSAL_CONFIG": "a.yaml"]).file == folder.path("a.yaml"))
        #expect(try self.load("b.yaml", ["DORSAL_CONFIG": "a.yaml"]).file == folder.path("b.yaml"))
        #expect(try self.load(folder.path("b.yaml")).file == folder.path("b.yaml"))
        let failure = try #require(throws: Failure.self) { try self.load("c.yaml") }
        #expect(failure.class == .usage)
        #expect(failure.message == "cannot read the configuration file \(folder.path("c.yaml"))")
    }

    @Test("No file at all is an error that says where it looked")
    func none() throws {
        let failure = try #require(throws: Failure.self) { try self.load() }
        #expect(failure.class == .usage)
        #expect(failure.message.contains(self.fixture.folder.path("dorsal.yaml")))
        #expect(failure.message.contains(self.fixture.folder.path("etc/dorsal.yaml")))
        #expect(failure.hint?.contains("--config") == true)
    }

    @Test("The public entrance reads a named file")
    func publicEntrance() throws {
        let file = try self.fixture.folder.write(self.least, to: "x.yaml")
        let configuration = try ConfigurationLoader.load(path: file, environment: [:], workingDirectory: "/")
        #expect(configuration.instance.id == 1)
    }

    @Test("Bytes that are not text are an error")
    func notText() throws {
        try self.fixture.folder.write(Data([0xFF, 0xFE, 0x00]), to: "dorsal.yaml")
        let failure = try #require(throws: Failure.self) { try self.load() }
        #expect(failure.message.hasPrefix("cannot read the configuration file"))
    }

    @Test("The environment goes before the file, and the file before the default")
    func precedence() throws {
        let environment = [
            "DORSAL_INSTANCE_PORT": "3310", "DORSAL_REPOSITORY_LOCAL": "relative", "DORSAL_BACKUP_KEEP_LOCAL": "false",
            "DORSAL_INSTANCE_USER": "", "DORSAL_SYNC_POINT": "x", "PATH": "/bin",
            "DORSAL_COMPLETENESS_TEST_INSERT": "x {v}", "DORSAL_COMPLETENESS_TEST_SELECT": "y",
            "DORSAL_INSTANCE_PASSWORD": "secret", "DORSAL_REPLICATION_TEMPORARY_SERVER_ID": "99",
        ]
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  password_file: /x\n  user: me")
        let configuration = try self.fixture.load(yaml, environment: environment, mode: 0o644)
        #expect(configuration.instance.port == 3310)
        #expect(configuration.instance.name == "mysql-3310")
        #expect(configuration.instance.user == "me")
        #expect(configuration.instance.osUser == "mysql")
        #expect(configuration.instance.password == .literal(Secret("secret")))
        #expect(configuration.repository.local == self.fixture.folder.path("relative"))
        #expect(!configuration.backup.keepLocal)
        #expect(configuration.completenessTest?.select == "y")
        #expect(configuration.replication.temporaryServerID == 99)
    }

    @Test("A wrong value in the environment is named by its variable")
    func wrongVariable() throws {
        let environment = ["DORSAL_INSTANCE_PORT": "many"]
        let failure = try self.fixture.failure(self.least, environment: environment)
        let problem = "must be a number from 1 to 65535, not 'many'"
        #expect(failure.message == "the environment variable DORSAL_INSTANCE_PORT \(problem)")
    }

    @Test(
        "Unknown variables are errors with the nearest name",
        arguments: [
            ("DORSAL_INSTANCE_PROT", "DORSAL_INSTANCE_PORT"), ("DORSAL_CONFG", "DORSAL_CONFIG"),
            ("DORSAL_PORT", "DORSAL_INSTANCE_PORT"), ("DORSAL_REPOSITORY_S3_BUCKETS", "DORSAL_REPOSITORY_S3_BUCKET"),
        ]
    )
    func unknownVariable(name: String, nearest: String) throws {
        let failure = try self.fixture.failure(self.least, environment: [name: "secret"])
        #expect(failure.message == "unknown environment variable '\(name)'")
        #expect(failure.hint == "did you mean '\(nearest)'?")
    }

    @Test("The AWS variables are the account when the configuration has none")
    func aws() throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-1",
        ]
        let yaml = self.least + "  s3: { endpoint: 'https://s3.example.com', bucket: b, prefix: \"\" }"
        let s3 = try #require(try self.fixture.load(yaml, environment: environment).repository.s3)
        let account = try s3.credentials.resolve()
        #expect(account.accessKey == "id")
        #expect(account.secretKey == Secret("key"))
        #expect(account.sessionToken == Secret("token"))
        #expect(s3.region == "eu-1")
        let own = yaml.replacing("bucket: b", with: "bucket: b, access_key: a")
        let failure = try self.fixture.failure(own, environment: environment)
        #expect(failure.message.contains("'repository.s3.secret_key' is missing"))
    }

    @Test("Every key has a line for the reference, and every single value a variable")
    func table() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map(\.path)).count == keys.count)
        #expect(keys.allSatisfy { !$0.documentation.isEmpty })
        let names = keys.compactMap(\.environmentName)
        #expect(Set(names).count == names.count)
        #expect(names.contains("DORSAL_REPOSITORY_S3_SECRET_KEY_FILE"))
        #expect(!names.contains { $0.contains("SOURCES") })
        #expect(keys.filter(\.isFlat).count == 12)
        #expect(keys.allSatisfy { $0.successor == nil || ConfigurationKey.named($0.successor ?? "") != nil })
    }
}
