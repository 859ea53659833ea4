import Database
import Failures
import Foundation
import TestSupport
import Testing

@Suite("Option files: includes")
struct OptionFileIncludeTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func read(_ text: String) throws -> OptionFile {
        try OptionFile(path: self.folder.write(text, to: "my.cnf"))
    }

    @Test("An include counts where it stands, and has groups of its own")
    func inlined() throws {
        try self.folder.write("[mysqld]\na=inner\nb=inner\n[client]\nc=inner", to: "more.cnf")
        let file = try self.read("[mysqld]\na=before\n!include more.cnf\nb=after\nc=after")
        #expect(file.value(of: "a", in: ["mysqld"]) == .value("inner"))
        #expect(file.value(of: "b", in: ["mysqld"]) == .value("after"))
        #expect(file.value(of: "c", in: ["mysqld"]) == .value("after"))
        #expect(file.value(of: "c", in: ["client"]) == .value("inner"))
    }

    @Test("Paths may be absolute, or relative to the including file, and hold spaces")
    func paths() throws {
        let absolute = try self.folder.write("[mysqld]\na=1", to: "sub/one.cnf")
        try self.folder.write("[mysqld]\n!include ../with space.cnf\n", to: "sub/two.cnf")
        try self.folder.write("[mysqld]\nb=2", to: "with space.cnf")
        let file = try self.read("!include \(absolute)\n!  include   sub/two.cnf  \n")
        #expect(file.value(of: "a", in: ["mysqld"]) == .value("1"))
        #expect(file.value(of: "b", in: ["mysqld"]) == .value("2"))
        let names = ["my.cnf", "sub/one.cnf", "sub/two.cnf", "with space.cnf"]
        #expect(file.files == names.map { self.folder.path($0) })
        #expect(file.text(of: absolute) == "[mysqld]\na=1")
        #expect(file.bytes(of: absolute) == Array("[mysqld]\na=1".utf8))
        #expect(file.text(of: "/nowhere") == nil)
    }

    @Test("A folder's *.cnf are read in the order of their bytes, and nothing else is")
    func folderOrder() throws {
        for name in ["b.cnf", "a.cnf", "B.cnf", ".h.cnf", "x.ini", "c.cnf.bak"] {
            try self.folder.write("[mysqld]\nlast=\(name)\nplugin-load-add=\(name)", to: "conf.d/\(name)")
        }
        try self.folder.write("", to: "conf.d/folder.cnf/keep")
        let file = try self.read("!includedir conf.d/\n")
        let read = ["my.cnf", "conf.d/.h.cnf", "conf.d/B.cnf", "conf.d/a.cnf", "conf.d/b.cnf"]
        #expect(file.files == read.map { self.folder.path($0) })
        #expect(file.value(of: "last", in: ["mysqld"]) == .value("b.cnf"))
    }

    @Test("A missing include is an error that names both files and the line")
    func missingInclude() throws {
        let failure = try #require(throws: Failure.self) { try self.read("[mysqld]\n!include gone.cnf") }
        #expect(failure.class == .usage)
        let place = self.folder.path("my.cnf:2")
        #expect(failure.message == "\(place): cannot include \(self.folder.path("gone.cnf"))")
        #expect(failure.cause != nil)
    }

    @Test("A missing folder is an error that names both and the line")
    func missingFolder() throws {
        let failure = try #require(throws: Failure.self) { try self.read("[mysqld]\n\n!includedir gone.d") }
        #expect(failure.message.hasPrefix(self.folder.path("my.cnf:3")))
        #expect(failure.message.hasSuffix(self.folder.path("gone.d")))
    }

    @Test("A missing option file is an error that names it")
    func missingFile() throws {
        let path = self.folder.path("none.cnf")
        let failure = try #require(throws: Failure.self) { try OptionFile(path: path) }
        #expect(failure.message == "cannot read the option file \(path)")
        #expect(failure.class == .usage)
    }

    @Test("A line outside any group of an included file is an error in that file")
    func groupsDoNotReachIncludes() throws {
        let inner = try self.folder.write("a=1", to: "inner.cnf")
        let failure = try #require(throws: Failure.self) { try self.read("[mysqld]\n!include inner.cnf") }
        #expect(failure.message.hasPrefix("\(inner):1: "))
    }

    @Test("Files that include each other are read once")
    func cycle() throws {
        try self.folder.write("[mysqld]\nb=1\n!include my.cnf", to: "b.cnf")
        let file = try self.read("[mysqld]\na=1\n!includedir .\nc=1\n")
        #expect(file.files == ["my.cnf", "b.cnf"].map { self.folder.path($0) })
        for key in ["a", "b", "c"] { #expect(file.value(of: key, in: ["mysqld"]) == .value("1")) }
    }

    @Test("Includes end at the server's depth of ten")
    func depth() throws {
        for level in 1...12 {
            try self.folder.write("[mysqld]\nlevel=\(level)\n!include \(level + 1).cnf", to: "\(level).cnf")
        }
        let file = try self.read("[mysqld]\n!include 1.cnf")
        #expect(file.value(of: "level", in: ["mysqld"]) == .value("10"))
        #expect(file.files.count == 11)
    }
}
