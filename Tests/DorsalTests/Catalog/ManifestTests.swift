import Archive
import Failures
import Foundation
import GTID
import Testing

@testable import Dorsal

@Suite("Manifests")
struct ManifestTests {
    private func object(_ manifest: Manifest) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: manifest.encoded()) as? [String: Any])
    }

    @Test("Every field comes back as it was")
    func roundTrip() throws {
        let manifest = try Manifest.sample()
        #expect(try Manifest.decode(manifest.encoded()) == manifest)
    }

    /// Other programs read these names, and later versions must find them.
    @Test("The names of all keys are fixed")
    func keys() throws {
        let object = try self.object(try .sample())
        #expect(
            object.keys.sorted() == [
                "binlogs", "channels", "config_files", "data", "engine", "finished", "id", "instance", "package",
                "server", "started", "version",
            ]
        )
        let nested: [(String, [String])] = [
            ("data", ["lower", "upper"]), ("engine", ["kind", "tool"]), ("instance", ["name", "port"]),
            ("package", ["digest", "name"]),
            (
                "server",
                ["binlog_base", "binlog_index", "data_directory", "flavor", "server_id", "uuid", "version"]
            ),
        ]
        for (key, names) in nested {
            #expect((object[key] as? [String: Any])?.keys.sorted() == names, "\(key)")
        }
        let lists: [(String, [String])] = [
            ("binlogs", ["anonymous", "gtids", "name", "previous", "server_ids", "size"]),
            ("channels", ["host", "name", "port", "user"]), ("config_files", ["package_path", "path"]),
        ]
        for (key, names) in lists {
            #expect((object[key] as? [[String: Any]])?.first?.keys.sorted() == names, "\(key)")
        }
        let digest = (object["package"] as? [String: Any])?["digest"] as? [String: Any]
        #expect(digest?.keys.sorted() == ["bytes", "directories", "files", "sha1", "sha256"])
    }

    @Test("Values are written as people and programs expect them")
    func values() throws {
        let object = try self.object(try .sample())
        #expect(object["version"] as? Int == 1)
        #expect(object["id"] as? String == "20261122T094058Z-1f3a9c")
        #expect(object["started"] as? String == "2023-11-14T22:13:20Z")
        let lower = (object["data"] as? [String: Any])?["lower"] as? [String: String]
        #expect(lower == ["flavor": "mysql", "set": "\(UUIDs.one):1-100"])
        let text = String(decoding: try Manifest.sample().encoded(), as: UTF8.self)
        #expect(text.contains("\"path\" : \"data/ibdata1\""))
    }

    @Test("Keys that a later version adds are passed over")
    func addedKeys() throws {
        var object = try self.object(try .sample())
        object["colour"] = "blue"
        let data = try JSONSerialization.data(withJSONObject: object)
        #expect(try Manifest.decode(data) == (try Manifest.sample()))
    }

    @Test("Data and binary logs reach as far as both together")
    func reach() throws {
        let manifest = try Manifest.sample()
        #expect(manifest.binlogSet == (try mysqlSet("1-120")))
        #expect(manifest.reach == (try mysqlSet("1-120")))
        #expect(manifest.unpackedBytes == 2 << 20)
        let without = try Manifest.sample(binlogs: [])
        #expect(without.binlogSet.isEmpty)
        #expect(without.reach == (try mysqlSet("1-100")))
        let later = try Manifest.sample(binlogs: [.sample("bin.000007", "1-95", "96-97")])
        #expect(later.binlogSet == (try mysqlSet("1-97")))
        #expect(later.reach == (try mysqlSet("1-100")))
    }

    @Test("What lacks a field, or holds a damaged set, is refused")
    func damaged() throws {
        for key in ["id", "data", "binlogs", "package", "server", "version"] {
            var object = try self.object(try .sample())
            object[key] = nil
            let data = try JSONSerialization.data(withJSONObject: object)
            #expect(throws: (any Error).self, "\(key)") { try Manifest.decode(data) }
        }
        let text = String(decoding: try Manifest.sample().encoded(), as: UTF8.self)
        let wrong = text.replacing("\(UUIDs.one):1-100", with: "\(UUIDs.one):100-1")
        #expect(throws: (any Error).self) { try Manifest.decode(Data(wrong.utf8)) }
    }

    @Test("A manifest with a stream has a version that an older Dorsal refuses, and the stream among its objects")
    func stream() throws {
        var manifest = try Manifest.sample(package: "files.tar.zst")
        #expect(Manifest.version(of: try manifest.encoded()) == 1)
        #expect(manifest.objects.map(\.name) == ["files.tar.zst"])
        #expect(manifest.mainName == "files.tar.zst")
        manifest.version = Manifest.currentVersion
        manifest.stream = Manifest.StreamRecord(
            name: "data.xbstream.zst",
            format: "xbstream",
            compression: .zstd,
            bytes: 1000,
            sha256: "b2",
            sha1: "b1",
            files: 3,
            unpackedBytes: 5000
        )
        #expect(Manifest.version(of: try manifest.encoded()) == 2)
        #expect(try Manifest.decode(try manifest.encoded()) == manifest)
        #expect(manifest.objects.map(\.name) == ["data.xbstream.zst", "files.tar.zst"])
        #expect(manifest.objects[0].sha256 == "b2")
        #expect(manifest.mainName == "data.xbstream.zst")
        #expect(manifest.bytes == 5096)
        #expect(manifest.unpackedBytes == 5000 + (2 << 20))
        let text = String(decoding: try manifest.encoded(), as: UTF8.self)
        let damaged = text.replacing("\"zstd\"", with: "\"lz4\"")
        #expect(throws: (any Error).self) { try Manifest.decode(Data(damaged.utf8)) }
    }
}
