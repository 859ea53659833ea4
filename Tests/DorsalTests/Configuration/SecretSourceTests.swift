import Dorsal
import Failures
import TestSupport
import Testing

@testable import struct Dorsal.SecretCommand

@Suite("Configuration: secrets from commands, credentials and option files")
struct SecretSourceTests {
    private let fixture: ConfigurationFixture
    private let least = ConfigurationFixture.least

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test("A command's first line is the secret, whatever it writes besides")
    func command() throws {
        let yaml = self.least + "replication: { password_command: 'echo noise >&2; echo s3cret; echo more' }"
        let password = try #require(try self.fixture.load(yaml, mode: 0o644).replication.password)
        #expect(try password.resolve() == Secret("s3cret"))
        #expect(try PasswordSource.command("printf 'a b '").resolve() == Secret("a b "))
        // A child that lives on and holds the output does not keep us.
        #expect(try PasswordSource.command("echo x; sleep 20 & exit 0").resolve() == Secret("x"))
    }

    @Test(
        "A command that fails is an error with its last words, and without what it printed",
        arguments: [
            ("echo topsecret; echo locked >&2; exit 3", "exited with status 3", "locked"),
            ("kill -9 $$", "was ended by signal 9", nil), ("true", "printed no secret", nil),
            ("echo; echo topsecret", "printed no secret", nil),
            ("/nonexistent/vault topsecret", "exited with status 127", "not found"),
        ]
    )
    func failingCommand(line: String, problem: String, cause: String?) throws {
        let failure = try #require(throws: Failure.self) { try PasswordSource.command(line).resolve() }
        #expect(failure.class == .usage)
        #expect(failure.message.hasSuffix(problem))
        if let cause { #expect(failure.cause?.contains(cause) == true) }
        #expect(!failure.description.contains("topsecret"))
    }

    @Test("A command that does not end is killed, also while it prints")
    func endlessCommand() throws {
        for line in ["sleep 60", "yes", "yes >&2"] {
            let command = SecretCommand(line: line, limit: .milliseconds(100))
            let failure = try #require(throws: Failure.self) { try command.run() }
            #expect(failure.message.contains("did not end within"))
        }
    }

    @Test("A credential is a file in the folder that systemd gives")
    func credential() throws {
        let folder = self.fixture.folder
        try folder.write("hunter2\n", to: "credentials/mysql", mode: 0o440)
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  password_credential: mysql")
        let environment = ["CREDENTIALS_DIRECTORY": folder.path("credentials")]
        let password = try #require(try self.fixture.load(yaml, environment: environment).instance.password)
        #expect(password == .credential("mysql", folder: folder.path("credentials")))
        #expect(try password.resolve() == Secret("hunter2"))
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message.hasPrefix("\(self.fixture.file):3: 'instance.password_credential' names a credential"))
        #expect(failure.message.contains("CREDENTIALS_DIRECTORY"))
        let path = yaml.replacing("credential: mysql", with: "credential: ../x")
        #expect(try self.fixture.failure(path, environment: environment).message.contains("must be a name, not a path"))
        let missing = try #require(throws: Failure.self) {
            try PasswordSource.credential("none", folder: folder.path).resolve()
        }
        #expect(missing.message == "systemd gave this service no credential 'none'")
        #expect(missing.cause?.contains(folder.path) == true)
        #expect(missing.hint?.contains("/etc/credstore/dorsal-<configuration>.none") == true)
    }

    @Test(
        "A secret given in two ways is an error that names both lines",
        arguments: [
            ("password: a\n  password_file: b", "'replication.password_file' and 'replication.password' on line 7"),
            (
                "password_file: a\n  password_command: b",
                "'replication.password_command' and 'replication.password_file' on line 7"
            ),
            (
                "password_credential: a\n  password_file: b",
                "'replication.password_file' and 'replication.password_credential' on line 7"
            ),
        ]
    )
    func twice(lines: String, problem: String) throws {
        let failure = try self.fixture.failure(self.least + "replication:\n  \(lines)")
        #expect(failure.message == "\(self.fixture.file):8: \(problem) exclude each other")
    }

    @Test("Of one secret the environment replaces every other way")
    func environment() throws {
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  password_command: exit 1")
        let file = ["DORSAL_INSTANCE_PASSWORD_FILE": "/run/pw"]
        #expect(try self.fixture.load(yaml, environment: file).instance.password == .file("/run/pw"))
        let both = file.merging(["DORSAL_INSTANCE_PASSWORD": "topsecret"]) { $1 }
        let failure = try self.fixture.failure(yaml, environment: both)
        #expect(failure.message.contains("DORSAL_INSTANCE_PASSWORD_FILE"))
        #expect(!failure.description.contains("topsecret"))
    }

    @Test("An option file gives the connection, and our own keys go before it")
    func optionFile() throws {
        let text =
            "[dorsal]\nuser=backup\n[client]\nuser=root\npassword=\"hunter2\"\nport=3310\nsocket=/run/x.sock\nssl\n"
        let path = try self.fixture.folder.write(text, to: "client.cnf")
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  defaults_file: client.cnf")
        let instance = try self.fixture.load(yaml).instance
        #expect(instance.user == "backup")
        #expect(instance.password == .literal(Secret("hunter2")))
        #expect(instance.port == 3310)
        #expect(instance.socket == "/run/x.sock")
        let own = yaml.replacing("id: 1", with: "id: 1\n  user: me\n  password_file: /x\n  socket: /own.sock")
        let second = try self.fixture.load(own, environment: ["DORSAL_INSTANCE_PORT": "3311"]).instance
        #expect((second.user, second.password, second.port, second.socket) == ("me", .file("/x"), 3311, "/own.sock"))
        try self.fixture.folder.write(text, to: "client.cnf", mode: 0o640)
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(path):5: 'password' is a secret, but others can read this file (mode 0640)")
        #expect(failure.hint == "chmod 600 \(path)")
    }

    @Test(
        "Our own group of an option file is read strictly",
        arguments: [
            ("usr=a", "2: unknown option 'usr' in [dorsal]", "did you mean 'user'?"),
            (
                "host=a", "2: unknown option 'host' in [dorsal]",
                "the options in [dorsal] are password, port, socket, user"
            ),
            ("password topsecret", "2: unknown option 'password' in [dorsal]", nil),
            ("password", "2: 'password' has no value", nil), ("user=", "2: 'user' has no value", nil),
            ("port=many", "2: 'port' must be a number from 1 to 65535, not 'many'", nil),
        ]
    )
    func strictGroup(line: String, problem: String, hint: String?) throws {
        let path = try self.fixture.folder.write("[dorsal]\n\(line)\n[mysql]\nanything=1\n", to: "client.cnf")
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  defaults_file: client.cnf")
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "\(path):\(problem)")
        if let hint { #expect(failure.hint == hint) }
        #expect(!failure.description.contains("topsecret"))
    }

    @Test("An option file that is not there is an error that names it and the line")
    func noOptionFile() throws {
        let yaml = self.least.replacing("id: 1", with: "id: 1\n  defaults_file: client.cnf")
        let failure = try self.fixture.failure(yaml)
        #expect(failure.message == "cannot read the option file \(self.fixture.folder.path("client.cnf"))")
        #expect(failure.hint == "'instance.defaults_file' on line 3 names the option file")
    }
}
