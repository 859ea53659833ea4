import Database
import Failures
import GTID
import Testing

@Suite("Server versions")
struct ServerVersionTests {
    /// A text as a server or program prints it, and what it says.
    struct Sample: Sendable, CustomStringConvertible {
        let text: String
        let flavor: GTIDFlavor
        let numbers: [Int]
        var description: String { self.text }

        init(_ text: String, _ flavor: GTIDFlavor, _ numbers: Int...) {
            self.text = text
            self.flavor = flavor
            self.numbers = numbers
        }
    }

    private static let samples = [
        Sample("5.7.44-log", .mysql, 5, 7, 44),
        Sample("8.0.17", .mysql, 8, 0, 17),
        Sample("8.0.36-28.1", .mysql, 8, 0, 36),
        Sample("9.7.4-2", .mysql, 9, 7, 4),
        Sample("26.7.0", .mysql, 26, 7, 0),
        Sample("10.11.19-MariaDB-0+deb12u1-log", .mariadb, 10, 11, 19),
        Sample("5.5.5-10.4.6-MariaDB", .mariadb, 10, 4, 6),
        Sample("11.4.2-MariaDB-ubu2404", .mariadb, 11, 4, 2),
        Sample("/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))", .mysql, 9, 7, 4),
        Sample("mysqld  Ver 8.0.36-28 for Linux on x86_64 (Percona Server (GPL), Release 28)", .mysql, 8, 0, 36),
        Sample(
            "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)",
            .mariadb,
            10,
            11,
            19
        ),
        Sample("mysqld  Ver 5.7.44 for linux-glibc2.12 on x86_64 (MySQL Community Server (GPL))", .mysql, 5, 7, 44),
        // A program names itself by the path that it was called by.
        Sample("/opt/mysql-5.7.44/bin/mysqld  Ver 8.4.0 for Linux on x86_64", .mysql, 8, 4, 0),
        Sample("/srv/was-mariadb/bin/mysqld  Ver 8.4.0 for Linux on x86_64", .mysql, 8, 4, 0),
        Sample("/opt/Ver 1.2.3/sbin/mariadbd  Ver 11.4.2-MariaDB for Linux on x86_64", .mariadb, 11, 4, 2),
    ]

    @Test("What servers and programs print", arguments: samples)
    func parse(_ sample: Sample) throws {
        let version = try ServerVersion(parsing: sample.text)
        #expect(version.flavor == sample.flavor)
        #expect([version.major, version.minor, version.patch] == sample.numbers)
        #expect(version.text == sample.text)
    }

    @Test(
        "What holds no version",
        arguments: ["", "MariaDB", "10.11", "mysqld  Ver unknown", "99999999999999999999.1.2", "a.b.c"]
    )
    func garbage(_ text: String) throws {
        let failure = try #require(throws: Failure.self) { try ServerVersion(parsing: text) }
        #expect(failure.class == .database)
        #expect(failure.message == "no server version in '\(text)'")
        #expect(failure.hint?.contains("MySQL 5.7") == true)
    }

    @Test("Versions compare by number, not by text")
    func comparison() {
        let version = ServerVersion(flavor: .mysql, 8, 0, 22)
        #expect(version.isAtLeast(8, 0, 22))
        #expect(version.isAtLeast(8, 0, 9))
        #expect(version.isAtLeast(5, 7, 44))
        #expect(!version.isAtLeast(8, 0, 23))
        #expect(!version.isAtLeast(8, 1))
        #expect(!version.isAtLeast(26, 7))
        #expect(ServerVersion(flavor: .mysql, 26, 7, 0).isAtLeast(9, 7, 4))
        #expect(version.series == "8.0")
        #expect(version.text == "8.0.22")
    }

    @Test("The dialect is the flavor's own")
    func dialects() {
        for version in Words.all {
            #expect(version.dialect.flavor == version.flavor)
            #expect((version.dialect is MariaDBDialect) == (version.flavor == .mariadb))
        }
    }
}
