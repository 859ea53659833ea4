import Archive
import Failures
import Foundation
import Glibc
import Storage
import Synchronization
import Testing

@Suite("A repository in a folder")
struct LocalFolderTests {
    private let temporary: TemporaryFolder
    private let folder: LocalFolder

    init() throws {
        self.temporary = try TemporaryFolder()
        self.folder = LocalFolder(root: self.temporary("some/root"))
        try self.folder.prepare()
    }

    /// The names in a folder, temporary files among them.
    private func names(in key: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.folder.root + "/" + key).sorted()
    }

    @Test("what is put can be read, replaced, looked up and deleted")
    func objects() throws {
        try self.folder.put([1, 2, 3], "a/b/c")
        #expect(try self.folder.read("a/b/c", limit: 3) == [1, 2, 3])
        #expect(try self.folder.head("a/b/c") == 3)
        try self.folder.put([], "a/b/c")
        #expect(try self.folder.read("a/b/c", limit: 0) == [])
        #expect(try self.folder.head("a/b/c") == 0)
        #expect(try self.folder.open("a/b/c").size == 0)
        #expect(try self.names(in: "a/b") == ["c"])
        try self.folder.delete("a/b/c")
        #expect(try self.folder.head("a/b/c") == nil)
        #expect(try self.names(in: "") == [])
        try self.folder.delete("a/b/c")
    }

    @Test("what does not exist is nil, or named by the failure")
    func missing() throws {
        #expect(try self.folder.head("a") == nil)
        #expect(try self.folder.head("a/b") == nil)
        expectFailure(.storage, containing: "No such file or directory") { _ = try self.folder.read("a", limit: 9) }
        expectFailure(.storage, containing: self.folder.root + "/a/b") { _ = try self.folder.open("a/b") }
    }

    @Test("folders get mode 0711 and files 0600, whatever the umask")
    func modes() throws {
        try self.folder.put([1], "a/b")
        #expect(mode(of: self.folder.root) == "711")
        #expect(mode(of: self.folder.root + "/a") == "711")
        #expect(mode(of: self.folder.root + "/a/b") == "600")
        chmod(self.folder.root + "/a", 0o750)
        try self.folder.put([1], "a/c")
        #expect(mode(of: self.folder.root + "/a") == "750")
    }

    @Test("an object is read only up to the limit")
    func limit() throws {
        try self.folder.put([1, 2, 3], "a")
        expectFailure(.integrity, containing: "longer than the 2 bytes") { _ = try self.folder.read("a", limit: 2) }
        let large = [UInt8](repeating: 7, count: 3_000_000)
        try self.folder.put(large, "large")
        #expect(try self.folder.read("large", limit: 3_000_000) == large)
        expectFailure(.integrity) { _ = try self.folder.read("large", limit: 2_999_999) }
    }

    @Test("listing goes by prefix, is sorted by bytes, and shows objects only")
    func lists() throws {
        for key in ["b/2", "b/10", "b.x", "a", "b/sub/z", "c/1", "B"] { try self.folder.put([1], key) }
        try Data([9]).write(to: URL(filePath: self.folder.root + "/b/.dorsal-123"))
        symlink("a", self.folder.root + "/link")
        mkfifo(self.folder.root + "/pipe", 0o600)
        #expect(try self.folder.list("").map(\.key) == ["B", "a", "b.x", "b/10", "b/2", "b/sub/z", "c/1"])
        #expect(try self.folder.list("b").map(\.key) == ["b.x", "b/10", "b/2", "b/sub/z"])
        #expect(try self.folder.list("b/").map(\.key) == ["b/10", "b/2", "b/sub/z"])
        #expect(try self.folder.list("b/s").map(\.key) == ["b/sub/z"])
        #expect(try self.folder.list("b/2").map(\.size) == [1])
        #expect(try self.folder.list("nothing/here").isEmpty)
        #expect(try self.folder.folders(under: "") == ["b", "c"])
        #expect(try self.folder.folders(under: "b") == ["sub"])
        #expect(try self.folder.folders(under: "nothing").isEmpty)
        expectFailure(.internal) { _ = try self.folder.list("../") }
        expectFailure(.internal) { _ = try self.folder.folders(under: "..") }
        expectFailure(.storage, containing: "Not a directory") { _ = try self.folder.folders(under: "a") }
    }

    @Test("a root that is not there is no empty repository, and only prepare makes it")
    func noRoot() throws {
        let absent = LocalFolder(root: self.temporary("absent"))
        expectFailure(.storage, containing: self.temporary("absent")) { _ = try absent.list("") }
        expectFailure(.storage) { _ = try absent.folders(under: "") }
        expectFailure(.storage) { try absent.put([1], "a") }
        expectFailure(.storage) { try absent.put([1], "a/b") }
        #expect(!FileManager.default.fileExists(atPath: absent.root))
        try absent.prepare()
        try absent.prepare()
        try absent.put([1], "a/b")
    }

    @Test(
        "a key that leads elsewhere is refused",
        arguments: ["", "/a", "../a", "a/../b", "a/./b", "a//b", "a/", "a\0b", "a/.dorsal-1", ".."]
    )
    func keys(key: String) throws {
        expectFailure(.internal, containing: "Cannot use the key") { try self.folder.put([1], key) }
        expectFailure(.internal) { _ = try self.folder.putIfAbsent([1], key) }
        expectFailure(.internal) { _ = try self.folder.create(key) }
        expectFailure(.internal) { _ = try self.folder.head(key) }
        expectFailure(.internal) { try self.folder.delete(key) }
        #expect(try self.names(in: "") == [])
    }

    @Test("an object is put once if it is to be absent")
    func ifAbsent() throws {
        #expect(try self.folder.putIfAbsent([1], "a/b"))
        #expect(try !self.folder.putIfAbsent([2], "a/b"))
        #expect(try self.folder.read("a/b", limit: 9) == [1])
        #expect(try self.names(in: "a") == ["b"])
        try self.folder.put([], "d/e")
        expectFailure(.storage, containing: "File exists") { _ = try self.folder.putIfAbsent([1], "a/b/c") }
    }

    @Test("of several that put at once, one wins and its bytes stay")
    func concurrent() throws {
        for round in 0..<20 {
            let winners = Winners()
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                let isPut = (try? self.folder.putIfAbsent([UInt8(index)], "race/\(round)")) ?? false
                if isPut { winners.add(UInt8(index)) }
            }
            #expect(winners.all.count == 1)
            #expect(try self.folder.read("race/\(round)", limit: 1) == winners.all)
        }
        #expect(try self.names(in: "race").count == 20)
    }

    @Test("a put and a delete of its neighbour at the same time do not disturb each other")
    func folderRace() throws {
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            for _ in 0..<50 {
                #expect(throws: Never.self) {
                    try self.folder.put([1], "shared/below/\(index)")
                    try self.folder.delete("shared/below/\(index)")
                }
            }
        }
        #expect(try self.folder.list("").isEmpty)
    }

    @Test("an object that is written in pieces is created once, and goes away unfinished")
    func created() throws {
        do {
            let sink = try self.folder.create("x/y")
            try [UInt8](1...3).withUnsafeBytes { try sink.write($0) }
        }
        #expect(try self.folder.head("x/y") == nil)
        let sink = try self.folder.create("x/y")
        try [UInt8](1...3).withUnsafeBytes { try sink.write($0) }
        try sink.finish()
        #expect(try self.folder.read("x/y", limit: 9) == [1, 2, 3])
        expectFailure(.storage, containing: "File exists") { _ = try self.folder.create("x/y") }
    }

    @Test("a place that cannot be written is named, with the system's words")
    func errors() throws {
        try self.folder.put([1], "file")
        let failure = expectFailure(.storage) { try self.folder.put([1], "file/below") }
        #expect(failure?.message.contains(self.folder.root + "/file") == true)
        expectFailure(.internal) { try self.folder.delete("file/") }
        try self.folder.put([1], "folder/object")
        expectFailure(.storage, containing: "Is a directory") { try self.folder.put([1], "folder") }
        expectFailure(.storage, containing: "Is a directory") { try self.folder.delete("folder") }
        #expect(try self.names(in: "") == ["file", "folder"])
        expectFailure(.storage, containing: "/proc") { try LocalFolder(root: "/proc").put([1], "dorsal/x") }
        expectFailure(.storage, containing: "Cannot create folder") {
            try LocalFolder(root: self.folder.root + "/file/below").prepare()
        }
    }

    @Test("a permission failure names path, owner and uid", .enabled(if: geteuid() != 0))
    func permission() throws {
        chmod(self.folder.root, 0o500)
        defer { chmod(self.folder.root, 0o700) }
        let failure = expectFailure(.storage, containing: "Permission denied") { try self.folder.put([1], "a") }
        #expect(failure?.hint?.contains("runs as uid \(geteuid())") == true)
        #expect(failure?.hint?.contains(self.folder.root) == true)
    }
}

/// Those that won a race.
private final class Winners: Sendable {
    private let values = Mutex<[UInt8]>([])

    func add(_ value: UInt8) { self.values.withLock { $0.append(value) } }
    var all: [UInt8] { self.values.withLock { $0 } }
}
