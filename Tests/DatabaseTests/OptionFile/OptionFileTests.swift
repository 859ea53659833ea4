import Failures
import Testing

@testable import Database

@Suite("Option files: lines and lookups")
struct OptionFileTests {
    private func value(of key: String, in text: String, groups: [String] = ["mysqld"]) throws -> OptionValue? {
        try OptionFile(text: text, path: "/nowhere/my.cnf").value(of: key, in: groups)
    }

    /// The expected values are what `my_print_defaults` prints for the same lines.
    @Test(
        "Values are read as the server reads them",
        arguments: [
            ("k1 = v1", "k1", OptionValue.value("v1")),
            ("k1=v1\r", "k1", .value("v1")),
            (#"k2="a # b" # c"#, "k2", .value("a # b")),
            ("k3='it''s'", "k3", .value("it''s")),
            (#"k4=a\tb\\c\sd\qz"#, "k4", .value("a\tb\\c d\\qz")),
            (#"k4=\b\n\r\"\'"#, "k4", .value("\u{8}\n\r\"'")),
            (#"k5=""#, "k5", .value("\"")),
            (#"k6="""#, "k6", .value("")),
            ("k7=", "k7", .value("")),
            ("k8", "k8", .flag),
            ("k9 # x", "k9", .flag),
            ("k10=a;b", "k10", .value("a;b")),
            ("  k11 = spaced  val ", "k11", .value("spaced  val")),
            (#"k12="a\"b""#, "k12", .value("a\"b")),
            (##"k13=x"#y"##, "k13", .value("x\"#y")),
            ("k14=x=y # z", "k14", .value("x=y")),
            (#"k16=\"#, "k16", .value("\\")),
            (#"k17="a" b"#, "k17", .value("\"a\" b")),
            ("k18='a\"b'", "k18", .value("a\"b")),
            ("k19=a#b", "k19", .value("a")),
            ("k20=/data/größe", "k20", .value("/data/größe")),
        ]
    )
    func values(line: String, key: String, expected: OptionValue) throws {
        #expect(try self.value(of: key, in: "[mysqld]\n\(line)\n") == expected)
    }

    @Test("Comments and empty lines say nothing")
    func comments() throws {
        let text = "# a\n; b=1\n\n   # c\n[mysqld] # rest\n#port=1\n;port=2\n!unknown directive\nport=3"
        #expect(try self.value(of: "port", in: text) == .value("3"))
        #expect(try self.value(of: "b", in: text) == nil)
    }

    @Test("The last value wins over all groups asked for, in the order of appearance")
    func lastWins() throws {
        let text =
            "[server]\nport=1\n[mysqld]\nport=2\n[client]\nport=9\n[server]\nport=3\n[MySQLd]\nx=1\n[ mysqld]\nx=2"
        #expect(try self.value(of: "port", in: text, groups: ["server", "mysqld"]) == .value("3"))
        #expect(try self.value(of: "port", in: text, groups: ["mysqld"]) == .value("2"))
        #expect(try self.value(of: "port", in: text, groups: ["mariadb"]) == nil)
        // Groups are not case sensitive, but white space within the brackets counts.
        #expect(try self.value(of: "x", in: text, groups: ["mysqld"]) == .value("1"))
    }

    @Test("Dashes, underscores and loose- make no difference; upper case does")
    func names() throws {
        let text = "[mysqld]\nlog-bin=a\nloose-rpl_semi-sync=1\nLog_Error=x"
        #expect(try self.value(of: "log_bin", in: text) == .value("a"))
        #expect(try self.value(of: "log-bin", in: text) == .value("a"))
        #expect(try self.value(of: "rpl_semi_sync", in: text) == .value("1"))
        #expect(try self.value(of: "loose_rpl_semi_sync", in: text) == .value("1"))
        #expect(try self.value(of: "log_error", in: text) == nil)
    }

    @Test(
        "skip-, disable- and enable- answer for their option",
        arguments: [
            ("skip-log-bin", OptionValue.disabled), ("disable_log_bin", .disabled), ("loose-skip-log-bin", .disabled),
            ("skip-log-bin=1", .disabled), ("skip-log-bin=0", .flag), ("enable-log-bin", .flag),
            ("enable-log-bin=0", .disabled), ("skip-log-bin\nlog_bin=x", .value("x")),
            ("log_bin=x\nskip-log-bin", .disabled), ("log_bin=OFF", .value("OFF")),
        ]
    )
    func switches(lines: String, expected: OptionValue) throws {
        #expect(try self.value(of: "log_bin", in: "[mysqld]\n\(lines)") == expected)
    }

    @Test("An option whose own name begins with skip- is found by that name")
    func skipNames() throws {
        let text = "[mysqld]\nskip-networking\nskip_name_resolve=ON"
        #expect(try self.value(of: "skip_networking", in: text) == .flag)
        #expect(try self.value(of: "skip-name-resolve", in: text) == .value("ON"))
        #expect(OptionValue.value("ON").text == "ON")
        #expect(OptionValue.disabled.text == nil)
    }

    @Test("CR LF and a byte order mark are tolerated")
    func windows() throws {
        let text = "\u{FEFF}[mysqld]\r\nport = 3309\r\nskip-networking\r\n"
        #expect(try self.value(of: "port", in: text) == .value("3309"))
        #expect(try self.value(of: "skip_networking", in: text) == .flag)
    }

    @Test(
        "What the server refuses is an error with file and line",
        arguments: [
            ("# x\nport=1\n[mysqld]", 2, "before any [group]"), ("[mysqld\nport=1", 1, "without its ']'"),
            ("[mysqld]\n= 5", 2, "without the name"), ("[mysqld]\n\n!include", 3, "without a path"),
            ("[mysqld]\n!includedir  \n", 2, "without a path"),
        ]
    )
    func malformed(text: String, line: Int, reason: String) throws {
        let failure = try #require(throws: Failure.self) { try OptionFile(text: text, path: "/nowhere/my.cnf") }
        #expect(failure.class == .usage)
        #expect(failure.message.hasPrefix("/nowhere/my.cnf:\(line): "))
        #expect(failure.message.contains(reason))
        #expect(failure.hint != nil)
    }

    @Test("Servers read the groups of their flavour and version")
    func serverGroups() {
        #expect(OptionFile.serverGroups(mariadb: false, version: (8, 4)) == ["mysqld", "server", "mysqld-8.4"])
        let mariadb = OptionFile.serverGroups(mariadb: true, version: (10, 11))
        let expected = [
            "mysqld", "server", "mysqld-10.11", "mariadb", "mariadb-10.11", "mariadbd", "mariadbd-10.11",
            "client-server", "galera",
        ]
        #expect(mariadb == expected)
    }
}
