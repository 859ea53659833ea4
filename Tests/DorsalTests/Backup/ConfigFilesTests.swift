import Failures
import TestSupport
import Testing

@testable import Database
@testable import Dorsal

@Suite("Option files in a package")
struct ConfigFilesTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("The main file and what it includes are recorded with their paths; passwords stay out")
    func files() throws {
        let main = try self.folder.write(
            "[client]\npassword = client-secret\n[mysqld]\nserver_id = 1\n!includedir conf.d\n",
            to: "my.cnf"
        )
        let more = try self.folder.write("[mysqld]\nlog_bin = bin\nmaster-password=old-secret\n", to: "conf.d/more.cnf")
        let files = try ConfigFiles(main, .sample)
        #expect(
            files.records == [
                Manifest.ConfigFileRecord(path: main, packagePath: "my.cnf"),
                Manifest.ConfigFileRecord(path: more, packagePath: "includes\(more)"),
            ]
        )
        let texts = files.entries.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts[0].contains("server_id = 1"))
        #expect(texts[1].contains("log_bin = bin"))
        for text in texts + [files.effective] {
            #expect(!text.contains("client-secret"))
            #expect(!text.contains("old-secret"))
        }
        let effective = try OptionFile(path: self.folder.write(files.effective, to: "effective.cnf"))
        #expect(effective.value(of: "log_bin", in: ["mysqld"]) == .value("bin"))
        #expect(effective.value(of: "server_id", in: ["mysqld"]) == .value("1"))
    }

    @Test("Only the server's own groups are effective")
    func groups() throws {
        let text = "[mysqld]\na=1\n[mysqld-8.4]\nb=2\n[mysqld-8.0]\nc=3\n[mariadb]\nd=4\n[client]\ne=5\n"
        let files = try ConfigFiles(self.folder.write(text, to: "my.cnf"), .sample)
        for (line, isThere) in [("a = 1", true), ("b = 2", true), ("c = 3", false), ("d = 4", false), ("e = 5", false)]
        {
            #expect(files.effective.contains(line) == isThere, "\(line)")
        }
    }

    @Test("A missing file, and a missing include, fail the backup early")
    func missing() throws {
        let none = try #require(throws: Failure.self) { try ConfigFiles(self.folder.path("none.cnf"), .sample) }
        #expect(none.class == .usage)
        let main = try self.folder.write("!include gone.cnf\n", to: "my.cnf")
        let gone = try #require(throws: Failure.self) { try ConfigFiles(main, .sample) }
        #expect(gone.message.contains("gone.cnf"))
    }
}
