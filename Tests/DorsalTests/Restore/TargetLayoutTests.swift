import Testing

@testable import Dorsal

@Suite("Where a restored instance's files go")
struct TargetLayoutTests {
    private func layout(
        original: String = "/var/lib/mysql/",
        binlogs: String = "/var/lib/mysql/bin",
        data: String = "/var/lib/mysql",
        _ options: RestoreOptions = RestoreOptions()
    ) throws -> TargetLayout {
        TargetLayout(
            try .sample(dataDirectory: original, binlogBase: binlogs),
            .sample(data: data),
            options
        )
    }

    @Test("In place everything is where it was, trailing slashes aside")
    func inPlace() throws {
        for data in ["/var/lib/mysql", "/var/lib/mysql/", "/var/lib/mysql//"] {
            let layout = try self.layout(data: data)
            #expect(layout.dataDirectory == "/var/lib/mysql")
            #expect(!layout.isElsewhere)
            #expect(layout.myCnf == "/etc/orders.cnf")
            #expect(layout.port == 3306)
            #expect(layout.socket == "/run/orders.sock")
            #expect(layout.osUser == "mysql")
            #expect(layout.binlogBase == "/var/lib/mysql/bin")
            #expect(layout.binlogIndex == "/var/lib/mysql/bin.index")
            #expect(layout.binlogDirectory == "/var/lib/mysql")
        }
    }

    @Test("In place, binary logs outside the data directory stay outside")
    func binlogsOutside() throws {
        let layout = try self.layout(binlogs: "/logs/orders/bin")
        #expect(layout.binlogBase == "/logs/orders/bin")
        #expect(layout.binlogDirectory == "/logs/orders")
    }

    @Test("Elsewhere, all files move along; nothing is shared with the original")
    func elsewhere() throws {
        let options = RestoreOptions(targetDirectory: "/copy/data/", port: 3399, socket: "/copy/s")
        let inside = try self.layout(binlogs: "/var/lib/mysql/logs/bin", options)
        #expect(inside.dataDirectory == "/copy/data")
        #expect(inside.isElsewhere)
        #expect(inside.myCnf == "/copy/data/my.cnf")
        #expect(inside.port == 3399)
        #expect(inside.socket == "/copy/s")
        #expect(inside.binlogBase == "/copy/data/logs/bin")
        let outside = try self.layout(binlogs: "/logs/orders/bin", options)
        #expect(outside.binlogBase == "/copy/data/bin")
        #expect(outside.binlogIndex == "/copy/data/bin.index")
        // A folder whose name only begins like the data directory's is not inside it.
        #expect(try self.layout(binlogs: "/var/lib/mysql-logs/bin", options).binlogBase == "/copy/data/bin")
    }

    @Test("Another port or socket alone makes the option file another")
    func otherPort() throws {
        #expect(try self.layout(RestoreOptions(port: 3399)).isElsewhere)
        #expect(try self.layout(RestoreOptions(socket: "/copy/s")).isElsewhere)
        let port = try self.layout(RestoreOptions(port: 3399))
        #expect(port.myCnf == "/etc/orders.cnf")
        #expect(port.binlogBase == "/var/lib/mysql/bin")
    }

    @Test("A data directory that the configuration has moved")
    func configuredElsewhere() throws {
        let layout = try self.layout(data: "/new/disk/mysql")
        #expect(layout.isElsewhere)
        #expect(layout.dataDirectory == "/new/disk/mysql")
        #expect(layout.myCnf == "/etc/orders.cnf")
        #expect(layout.binlogBase == "/new/disk/mysql/bin")
    }

    @Test("The restore's own folders are beside the data directory, so on its file system")
    func workFolders() throws {
        let layout = try self.layout()
        #expect(layout.workFolder == "/var/lib/mysql.dorsal-restore")
        #expect(layout.unpacked == "/var/lib/mysql.dorsal-restore/unpacked")
        #expect(layout.replayOptionFile == "/var/lib/mysql.dorsal-restore/server/replay.cnf")
        #expect(layout.rejoinOptionFile == "/var/lib/mysql.dorsal-restore/server/rejoin.cnf")
    }

    @Test("An instance that is there already: the option file decides where its binary logs are")
    func existing() {
        let layout = TargetLayout(.sample(data: "/var/lib/mysql/"))
        #expect(layout.dataDirectory == "/var/lib/mysql")
        #expect(layout.binlogBase == nil)
        #expect(layout.binlogDirectory == nil)
        #expect(!layout.isElsewhere)
    }
}
