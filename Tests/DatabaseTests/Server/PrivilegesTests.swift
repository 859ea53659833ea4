import Database
import Testing

@Suite("Privileges from SHOW GRANTS")
struct PrivilegesTests {
    /// As MySQL 8.4 and 9 print it: static privileges on one line, dynamic ones on the next.
    private let mysql = Privileges(grants: [
        "GRANT SELECT, RELOAD, PROCESS, LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT "
            + "ON *.* TO `dorsal`@`localhost`",
        "GRANT BACKUP_ADMIN,REPLICATION_SLAVE_ADMIN,SYSTEM_VARIABLES_ADMIN ON *.* TO `dorsal`@`localhost`",
        "GRANT INSERT, SUPER ON `shop`.* TO `dorsal`@`localhost`",
        "GRANT `reader`@`%` TO `dorsal`@`localhost`",
    ])

    @Test("Static and dynamic privileges count, those on a database do not")
    func mysqlGrants() {
        #expect(self.mysql.missing(["SELECT", "REPLICATION CLIENT", "BACKUP_ADMIN", "REPLICATION_SLAVE_ADMIN"]) == [])
        #expect(
            self.mysql.missing(["SUPER", "RELOAD", "INSERT", "CLONE_ADMIN"]) == ["SUPER", "INSERT", "CLONE_ADMIN"]
        )
    }

    @Test("What is missing is granted to the user as the server names it")
    func grantStatement() {
        #expect(
            self.mysql.grantStatement(["SUPER", "CLONE_ADMIN"])
                == "GRANT SUPER, CLONE_ADMIN ON *.* TO `dorsal`@`localhost`;"
        )
    }

    @Test(
        "Everything is held with ALL PRIVILEGES",
        arguments: [
            "GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION",
            "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` IDENTIFIED BY PASSWORD '*0123' WITH GRANT OPTION",
        ]
    )
    func all(_ grant: String) {
        #expect(Privileges(grants: [grant]).missing(["SUPER", "BACKUP_ADMIN", "whatever"]) == [])
    }

    @Test("MariaDB's line ends with how the user logs in, which is no part of the name")
    func mariadbGrants() {
        let held = Privileges(grants: [
            "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, SLAVE MONITOR ON *.* TO `dorsal`@`localhost` "
                + "IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'"
        ])
        #expect(held.missing(["RELOAD", "BINLOG MONITOR", "SLAVE MONITOR"]) == [])
        #expect(held.missing(["REPLICATION SLAVE"]) == ["REPLICATION SLAVE"])
        #expect(held.grantStatement(["SUPER"]) == "GRANT SUPER ON *.* TO `dorsal`@`localhost`;")
    }

    @Test(
        "Both names of a privilege are one",
        arguments: [
            ("REPLICATION CLIENT", "BINLOG MONITOR"), ("REPLICA MONITOR", "SLAVE MONITOR"),
            ("REPLICATION REPLICA", "REPLICATION SLAVE"), ("REPLICATION REPLICA ADMIN", "REPLICATION SLAVE ADMIN"),
        ]
    )
    func synonyms(_ one: String, _ other: String) {
        #expect(Privileges(grants: ["GRANT \(one) ON *.* TO `u`@`h`"]).missing([other.lowercased()]) == [])
        #expect(Privileges(grants: ["GRANT \(other) ON *.* TO `u`@`h`"]).missing([one]) == [])
        #expect(Privileges(grants: ["GRANT RELOAD ON *.* TO `u`@`h`"]).missing([one]) == [one])
    }

    @Test(
        "Grants that give nothing on the whole server",
        arguments: [
            "GRANT USAGE ON *.* TO `u`@`%`", "GRANT ALL PRIVILEGES ON `shop`.* TO `u`@`%`",
            "GRANT RELOAD ON `*.*`.* TO `u`@`%`", "GRANT SELECT, RELOAD ON `shop`.`orders` TO `u`@`%`",
            "GRANT PROXY ON ``@`` TO `u`@`%` WITH GRANT OPTION", "GRANT `RELOAD`@`%` TO `u`@`%`",
            "REVOKE RELOAD ON *.* FROM `u`@`%`", "",
        ]
    )
    func nothing(_ grant: String) {
        #expect(Privileges(grants: [grant]).missing(["RELOAD", "SELECT"]) == ["RELOAD", "SELECT"])
    }

    @Test("Without a grant the statement names whoever is logged in")
    func nobody() {
        #expect(Privileges(grants: []).grantStatement(["RELOAD"]) == "GRANT RELOAD ON *.* TO CURRENT_USER();")
    }

    @Test("A user's name may hold spaces, quotes and the word TO")
    func oddNames() {
        let names = ["`back up`@`local host`", "`a``b`@`%`", "'old user'@'10.0.%'", "`TO x`@`%`"]
        for name in names {
            let held = Privileges(grants: ["GRANT RELOAD ON *.* TO \(name) WITH GRANT OPTION"])
            #expect(held.grantStatement(["SUPER"]) == "GRANT SUPER ON *.* TO \(name);")
        }
    }

    @Test("An active role's privileges count, but the user is granted what is missing")
    func roles() {
        let held = Privileges(grants: [
            "GRANT `backups` TO `u`@`%`", "GRANT USAGE ON *.* TO `u`@`%`", "GRANT RELOAD ON *.* TO `backups`",
        ])
        #expect(held.missing(["RELOAD", "SUPER"]) == ["SUPER"])
        #expect(held.grantStatement(["SUPER"]) == "GRANT SUPER ON *.* TO `u`@`%`;")
    }
}
