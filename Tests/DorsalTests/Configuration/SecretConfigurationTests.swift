import Dorsal
import Failures
import Foundation
import TestSupport
import Testing

@Suite("Configuration: secrets")
struct SecretConfigurationTests {
    private let fixture: ConfigurationFixture

    init() throws { self.fixture = try ConfigurationFixture() }

    @Test(
        "A file's line end is not part of the secret",
        arguments: [("a b", "a b"), ("x\n", "x"), ("x\r\n", "x"), (" x \n\n", " x \n"), ("größe", "größe")]
    )
    func fileText(text: String, secret: String) throws {
        let path = try self.fixture.folder.write(text, to: "secret")
        #expect(try PasswordSource.file(path).resolve().reveal() == secret)
        #expect(try PasswordSource.literal(Secret(text)).resolve() == Secret(text))
    }

    @Test("Only the owner may read a password file", arguments: [0o640, 0o604, 0o644, 0o610])
    func fileMode(mode: Int) throws {
        let path = try self.fixture.folder.write("x", to: "secret", mode: mode)
        let failure = try #require(throws: Failure.self) { try PasswordSource.file(path).resolve() }
        #expect(failure.class == .usage)
        #expect(failure.message == "the password file \(path) can be read by others (mode 0\(String(mode, radix: 8)))")
        #expect(failure.hint == "chmod 600 \(path)")
    }

    @Test("A link counts as the file that it leads to")
    func link() throws {
        let path = try self.fixture.folder.write("x", to: "secret", mode: 0o400)
        let link = self.fixture.folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(try PasswordSource.file(link).resolve() == Secret("x"))
    }

    @Test("A password file that is missing, empty or a folder is an error that names it")
    func badFiles() throws {
        let folder = self.fixture.folder
        let empty = try folder.write("\n", to: "empty")
        for path in [folder.path("missing"), empty, folder.path] {
            let failure = try #require(throws: Failure.self) { try PasswordSource.file(path).resolve() }
            #expect(failure.class == .usage)
            #expect(failure.message.contains(path))
            #expect(failure.hint != nil)
        }
    }

    @Test("Relative password files stand beside the configuration")
    func relative() throws {
        let yaml = ConfigurationFixture.least + "replication: { user: r, password_file: pw }"
        let configuration = try self.fixture.load(yaml)
        #expect(configuration.replication.password == .file(self.fixture.folder.path("pw")))
    }

    @Test(
        "A configuration with a secret in it must be its owner's alone",
        arguments: [
            ("replication: { password: topsecret }", "replication.password"),
            ("  s3: { bucket: b, access_key: a, secret_key: topsecret }", "repository.s3.secret_key"),
            ("host: a\nreplication: { password: topsecret }", "replication.password"),
        ]
    )
    func literal(section: String, key: String) throws {
        let yaml = ConfigurationFixture.least + section
        let failure = try self.fixture.failure(yaml, mode: 0o640)
        #expect(failure.message.contains("'\(key)' is a secret, but others can read this file (mode 0640)"))
        #expect(failure.hint == "chmod 600 \(self.fixture.file)")
        #expect(!failure.description.contains("topsecret"))
    }

    @Test(
        "Secrets never show, in whatever goes wrong",
        arguments: ["password: topsecret: x", "password: \"topsecret", "password: {topsecret: 1}"]
    )
    func neverShown(line: String) throws {
        let failure = try self.fixture.failure(ConfigurationFixture.least + "replication:\n  \(line)")
        #expect(!failure.description.contains("topsecret"))
        let fine = try self.fixture.load(ConfigurationFixture.least + "replication: { password: topsecret }")
        var dumped = ""
        dump(fine, to: &dumped)
        #expect(!dumped.contains("topsecret"))
        #expect(!"\(fine)".contains("topsecret"))
    }
}
