import Dorsal
import Failures
import TestSupport
import Testing

@Suite("Configuration: the S3 account")
struct AccountConfigurationTests {
    private let fixture: ConfigurationFixture
    private let bucket = ConfigurationFixture.least + "  s3: { bucket: b }"
    private let variables = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "token"]
    private let credentials = """
        # written by aws configure
        [default]
        aws_access_key_id = AKIA
        aws_secret_access_key=sec=ret
        s3 =
          aws_session_token = not this one

        [backup]\r
        aws_access_key_id = BKIA\r
        aws_secret_access_key = other\r
        aws_session_token = temporary\r
        [half]
        aws_access_key_id = CKIA
        """

    init() throws { self.fixture = try ConfigurationFixture() }

    private var home: [String: String] { ["HOME": self.fixture.folder.path] }

    private func s3(_ yaml: String, _ environment: [String: String]) throws -> Configuration.S3Settings {
        try #require(try self.fixture.load(yaml, environment: environment).repository.s3)
    }

    @Test("The configuration goes before the environment, and the environment before the profile")
    func order() throws {
        try self.fixture.folder.write(self.credentials, to: ".aws/credentials")
        let all = self.variables.merging(self.home) { first, _ in first }
        let own = self.bucket.replacing("bucket: b", with: "bucket: b, access_key: a, secret_key: s")
        let first = try self.s3(own, all).credentials.resolve()
        #expect(first == ("a", Secret("s"), nil))
        let second = try self.s3(self.bucket, all).credentials.resolve()
        #expect(second == ("id", Secret("key"), Secret("token")))
        let third = try self.s3(self.bucket, self.home).credentials.resolve()
        #expect(third == ("AKIA", Secret("sec=ret"), nil))
    }

    @Test("AWS_PROFILE and the files' own variables are honoured")
    func profile() throws {
        let folder = self.fixture.folder
        let file = try folder.write(self.credentials, to: "keys")
        let config = try folder.write("[default]\nregion=eu-1\n[profile backup]\nregion = eu-2\n", to: "config")
        let environment = [
            "AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": config, "AWS_PROFILE": "backup",
        ]
        let s3 = try self.s3(self.bucket, environment)
        #expect(s3.credentials == .profile("backup", file: file))
        #expect(try s3.credentials.resolve() == ("BKIA", Secret("other"), Secret("temporary")))
        #expect(s3.region == "eu-2")
        #expect(try self.s3(self.bucket, environment.merging(["AWS_DEFAULT_REGION": "eu-3"]) { $1 }).region == "eu-3")
    }

    @Test("An account is read anew each time, so that it can be renewed")
    func renewed() throws {
        let folder = self.fixture.folder
        try folder.write(self.credentials, to: ".aws/credentials")
        try folder.write("old", to: "token")
        let yaml = self.bucket.replacing(
            "bucket: b",
            with: "bucket: b, access_key: a, secret_key: s, session_token_file: token"
        )
        let own = try self.s3(yaml, [:]).credentials
        let profile = try self.s3(self.bucket, self.home).credentials
        #expect(try own.resolve().sessionToken == Secret("old"))
        try folder.write("new", to: "token")
        try folder.write(self.credentials.replacing("AKIA", with: "DKIA"), to: ".aws/credentials")
        #expect(try own.resolve().sessionToken == Secret("new"))
        #expect(try profile.resolve().accessKey == "DKIA")
    }

    @Test("No account at all is an error that says where it was looked for")
    func none() throws {
        let failure = try self.fixture.failure(self.bucket, environment: self.home)
        #expect(failure.message.hasPrefix("there is no account for the bucket: looked for repository.s3.access_key"))
        #expect(failure.message.contains(self.fixture.file))
        #expect(failure.message.contains("AWS_ACCESS_KEY_ID"))
        #expect(failure.message.contains("\(self.fixture.folder.path)/.aws/credentials"))
        #expect(try self.fixture.failure(self.bucket).message.contains("HOME is not set"))
    }

    @Test("The halves of an account never come from different places")
    func halves() throws {
        let half = ["AWS_SECRET_ACCESS_KEY": "topsecret"].merging(self.home) { $1 }
        try self.fixture.folder.write(self.credentials, to: ".aws/credentials")
        let failure = try self.fixture.failure(self.bucket, environment: half)
        #expect(failure.message == "the environment has AWS_SECRET_ACCESS_KEY, but not AWS_ACCESS_KEY_ID")
        let token = self.bucket.replacing("bucket: b", with: "bucket: b, session_token: t")
        #expect(try self.fixture.failure(token, environment: self.variables).message.contains("access_key' is missing"))
    }

    @Test(
        "A profile that is not there or not whole is an error",
        arguments: [("none", "has no profile 'none'"), ("half", "has no aws_secret_access_key")]
    )
    func badProfile(name: String, problem: String) throws {
        try self.fixture.folder.write(self.credentials, to: ".aws/credentials")
        let environment = self.home.merging(["AWS_PROFILE": name]) { $1 }
        let failure = try self.fixture.failure(self.bucket, environment: environment)
        #expect(failure.message.contains(problem))
        #expect(failure.message.contains("\(self.fixture.folder.path)/.aws/credentials"))
        #expect(failure.hint?.contains("AWS_PROFILE") == true)
    }
}
