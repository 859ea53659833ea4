import Failures
import Foundation
import TestSupport
import Testing

@testable import Dorsal

@Suite("Configuration: what holds, where it comes from, and what is wrong with its files")
struct EffectiveConfigurationTests {
    private let fixture: ConfigurationFixture
    private let least = ConfigurationFixture.least

    init() throws { self.fixture = try ConfigurationFixture() }

    private func settings(
        _ yaml: String,
        flags: [ConfigurationFlag] = [],
        environment: [String: String] = [:]
    ) throws -> [String: String] {
        try self.fixture.folder.write(yaml, to: "dorsal.yaml")
        let loaded = try ConfigurationLoader.loadWithSources(
            flags: flags,
            environment: environment,
            workingDirectory: self.fixture.folder.path
        )
        return Dictionary(
            uniqueKeysWithValues: loaded.effectiveSettings.map { ($0.key, "\($0.value ?? "-") | \($0.source)") }
        )
    }

    @Test("Options go before the environment, that before the file, and that before the default")
    func sources() throws {
        let yaml = self.least + "backup: { engine: clone, keep_local: no, max_rate: 1M }\n"
        let settings = try self.settings(
            yaml,
            flags: [ConfigurationFlag("--engine", key: "backup.engine", text: "xtrabackup")],
            environment: ["DORSAL_BACKUP_ENGINE": "mariabackup", "DORSAL_BACKUP_KEEP_LOCAL": "true"]
        )
        #expect(settings["backup.engine"] == "xtrabackup | --engine")
        #expect(settings["backup.keep_local"] == "true | DORSAL_BACKUP_KEEP_LOCAL")
        #expect(settings["backup.max_rate"] == "1M | \(self.fixture.file):6")
        #expect(settings["backup.package"] == "tar.gz | default")
        #expect(settings["instance.name"] == "mysql-3306 | default")
        #expect(settings["hooks.timeout"] == "10m | default")
        #expect(settings["backup.threads"] == "- | default")
        #expect(settings["port"] == nil)
    }

    @Test("A wrong value of an option is named by the option")
    func wrongFlag() throws {
        let flags = [ConfigurationFlag("--engine", key: "backup.engine", text: "magic")]
        let failure = try #require(throws: Failure.self) { try self.settings(self.least, flags: flags) }
        #expect(failure.message.hasPrefix("the option --engine must be one of auto"))
    }

    @Test("Secrets are hidden, wherever they come from, and peers have a line each")
    func hidden() throws {
        let yaml =
            self.least.replacing("id: 1", with: "id: 1\n  password: topsecret") + """
                  s3: { bucket: b }
                replication: { user: r, password_file: pw, sources: [{ id: 2, host: db2 }] }
                """
        let environment = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "topsecret", "AWS_REGION": "eu-1"]
        let settings = try self.settings(yaml, environment: environment)
        #expect(settings["instance.password"] == "(hidden) | \(self.fixture.file):3")
        #expect(settings["repository.s3.secret_key"] == "(hidden) | AWS_SECRET_ACCESS_KEY")
        #expect(settings["repository.s3.access_key"] == "id | AWS_ACCESS_KEY_ID")
        #expect(settings["repository.s3.region"] == "eu-1 | AWS_REGION")
        #expect(settings["replication.password"] == "- | default")
        #expect(settings["replication.password_file"] == "\(self.fixture.folder.path("pw")) | \(self.fixture.file):8")
        #expect(settings["replication.sources[0].host"] == "db2 | \(self.fixture.file):8")
        #expect(settings["replication.sources[0].port"] == "3306 | default")
        #expect(!settings.values.contains { $0.contains("topsecret") })
    }

    @Test("mysqlbackup.py's keys appear as today's, with their lines; the option file is a source too")
    func derived() throws {
        let flat = "data_base: /data1\nbackup_base: /b\nport: 3309\ninstance_id: 1\nhost: h\n"
        let settings = try self.settings(flat)
        #expect(settings["instance.data"] == "/data1/mysql-3309 | \(self.fixture.file):1")
        #expect(settings["repository.local"] == "/b | \(self.fixture.file):2")
        #expect(settings["host"] == "h | \(self.fixture.file):5")
        let cnf = try self.fixture.folder.write("[mysqld]\ndatadir=/d\nsocket=/s\n", to: "my.cnf")
        let other = try self.settings("instance: { id: 1, my_cnf: my.cnf }\nrepository: { local: b }")
        #expect(other["instance.data"] == "/d | \(cnf)")
        #expect(other["instance.socket"] == "/s | \(cnf)")
    }

    @Test("A check finds files that cannot be used, each by its name")
    func problems() throws {
        let folder = self.fixture.folder
        let open = try folder.write("x", to: "open", mode: 0o644)
        let file = try folder.write("x", to: "file")
        let yaml = """
            instance: { id: 1, data: \(folder.path), password_file: \(open), os_user: nobody-of-this-name }
            repository: { local: \(file), s3: { bucket: b, access_key: a, secret_key_file: none, ca_file: file } }
            metrics: { textfile: nowhere/x.prom }
            """
        let check = ConfigurationCheck(try self.fixture.load(yaml))
        let problems = check.problems.map(\.message)
        #expect(problems.count == 4)
        #expect(problems.contains { $0.hasPrefix("the password file \(open) can be read by others") })
        #expect(problems.contains { $0.hasPrefix("cannot read the password file \(folder.path("none"))") })
        #expect(problems.contains("repository.s3.ca_file: \(file) holds no certificate"))
        #expect(problems.contains("repository.local: \(file) is not a folder"))
        #expect(check.problems.allSatisfy { $0.hint != nil })
        for part in ["nobody-of-this-name", folder.path("nowhere"), folder.path("my.cnf")] {
            #expect(check.warnings.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test("A check of what is in order finds nothing")
    func noProblems() throws {
        let folder = self.fixture.folder
        try folder.write("[mysqld]\n", to: "my.cnf")
        let yaml = "instance: { id: 1, data: \(folder.path), os_user: root }\nrepository: { local: \(folder.path) }"
        let fine = ConfigurationCheck(try self.fixture.load(yaml))
        #expect(fine.problems.isEmpty)
        #expect(fine.warnings == [])
        let writable = ConfigurationCheck(try self.fixture.load(yaml, mode: 0o666))
        #expect(
            writable.warnings == [
                "others can write to \(self.fixture.file) (mode 0666); chmod go-w \(self.fixture.file)"
            ]
        )
    }

    @Test("The documentation has the reference of all keys as it is")
    func documentation() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let file = root.appendingPathComponent("Sources/Dorsal/Documentation.docc/ConfigurationFile.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "## All keys\n\n"))
        let reference = ConfigurationReference.markdown + "\n"
        #expect(text[begin.upperBound...] == reference, "dorsal config keys --markdown prints it")
    }

    @Test("The reference for people has every key")
    func reference() {
        let lines = ConfigurationReference.text.split(separator: "\n").map(String.init)
        for key in ConfigurationKey.all { #expect(lines.contains(key.path)) }
        #expect(ConfigurationReference.lines.count == ConfigurationKey.all.count)
    }
}
