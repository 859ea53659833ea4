import Foundation
import Glibc
import S3
import Sandbox
import Storage
import TestSupport
import Testing

/// Backups of real servers, read back.
@Suite("Verification") struct VerifyTests {
    @Test(
        "Every byte is proved, binary logs and their GTIDs too; what was found is listed",
        arguments: TestServer.allCases
    )
    func whole(_ server: TestServer) async throws {
        try await Scenario.with(server) { scenario in
            try await scenario.lost.query("FLUSH BINARY LOGS")
            try await scenario.insert("in another binary log")
            try await scenario.backUp()
            let never = try await scenario.dorsal("list")
            #expect(never.objects("backup").first?["verified"] == nil)
            let result = try await scenario.dorsal("verify")
            #expect(result.status == 0, "\(result.all)")
            let copy = try #require(result.objects("verified").first)
            #expect(copy["result"] as? String == "ok")
            #expect((copy["binlogs"] as? Int ?? 0) >= 2)
            #expect(result.objects("summary").last?["ok"] as? Int == 1)
            let list = try await scenario.dorsal("list")
            #expect(list.objects("backup").first?["verified"] is String)
            #expect(try scenario.leftovers().isEmpty)
            // A backup that was verified is restored like any other.
            try await scenario.lose()
            let restore = try await scenario.dorsal("restore")
            #expect(restore.status == 0, "\(restore.all)")
        }
    }

    @Test("A flipped byte in header, data, end and manifest: 7, named, and the others are checked as well")
    func flipped() async throws {
        try await Scenario.with(.mariadb) { scenario in
            for _ in 1...2 { try await scenario.backUp() }
            let id = try #require(try scenario.backupIDs().first)
            let path = "\(scenario.instanceFolder)/\(id)/package.tar.gz"
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for offset in [0, 40, whole.count / 3, whole.count - 3000, whole.count - 1] {
                var bytes = whole
                bytes[offset] ^= 0x10
                try bytes.write(to: URL(fileURLWithPath: path))
                let result = try await scenario.dorsal("verify", "--all")
                #expect(result.status == 7, "at \(offset): \(result.all)")
                #expect(result.error("message").contains(path), "at \(offset): \(result.error("message"))")
                #expect(result.objects("verified").compactMap { $0["result"] as? String } == ["damaged", "ok"])
            }
            let list = try await scenario.dorsal("list", "--problems")
            #expect(list.status == 2)
            #expect(list.objects("backup").compactMap { $0["id"] as? String } == [id])

            try whole.write(to: URL(fileURLWithPath: path))
            #expect(try await scenario.dorsal("verify", id).status == 0)
            #expect(try await scenario.dorsal("list").status == 0)
            let manifest = "\(scenario.instanceFolder)/\(id)/manifest.json"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: manifest))
            let place = try #require(bytes.range(of: Data("\"data_directory\" : \"/".utf8)))
            bytes[place.upperBound] ^= 1
            try bytes.write(to: URL(fileURLWithPath: manifest))
            let result = try await scenario.dorsal("verify", id)
            #expect(result.status == 7, "\(result.all)")
            #expect(result.error("message").contains("manifest.json is damaged"))
        }
    }

    @Test("Interrupted, it leaves no mark; a sample tells what it began with")
    func interrupted() async throws {
        try await Scenario.with(.mariadb) { scenario in
            try await scenario.backUp()
            let result = try await scenario.dorsal("verify", syncPoint: "verify-half") { paused in
                kill(paused.pid, SIGINT)
                paused.resume()
            }
            #expect(result.status == 130, "\(result.all)")
            #expect(try await scenario.dorsal("list").objects("backup").first?["verified"] == nil)
            let sample = try await scenario.dorsal("verify", "--sample", "5%", "--seed", "12")
            #expect(sample.status == 0, "\(sample.all)")
            #expect(sample.objects("summary").last?["seed"] as? Int == 12)
            #expect(sample.objects("verified").count == 1)
        }
    }
}

/// The same where a copy lies in S3.
@Suite("Verification in S3", .enabled(if: S3Server.isWanted, "there are no S3 servers: make test brings them"))
struct S3VerifyTests {
    @Test("Copies in both places are read back; damage in S3 is named, the local one is whole")
    func bothPlaces() async throws {
        try await S3Scenario.with(.mariadb, .seaweedfs) { s3 in
            try s3.configure(keepsLocal: true)
            try await s3.scenario.backUp()
            let whole = try await s3.scenario.dorsal("verify", "--all")
            #expect(whole.status == 0, "\(whole.all)")
            #expect(whole.objects("verified").compactMap { $0["place"] as? String } == ["local", "s3"])
            let key = try await s3.packageKey()
            try await s3.store { store in
                let size = try #require(try await store.head(key)?.size)
                var bytes = try await store.read(key, 0..<size)
                bytes[bytes.count / 2] ^= 1
                try await store.put(bytes, key)
            }
            let result = try await s3.scenario.dorsal("verify")
            #expect(result.status == 7, "\(result.all)")
            #expect(result.error("message").contains("s3://"))
            #expect(result.objects("verified").compactMap { $0["result"] as? String } == ["ok", "damaged"])
            #expect(try await s3.scenario.dorsal("verify", "--repository", "local").status == 0)
            let show = try await s3.scenario.dorsal("show")
            let copies = show.objects("backup").first?["copies"] as? [[String: any Sendable]]
            #expect(copies?.compactMap { $0["result"] as? String } == ["ok", "damaged"])
        }
    }

    @Test("When S3 cannot be reached, local copies are checked and listed, then it ends with why")
    func unreachable() async throws {
        try await S3Scenario.with(.mariadb, .moto) { s3 in
            try s3.configure(keepsLocal: true)
            try await s3.scenario.backUp()
            try s3.configure(keepsLocal: true, s3: ["bucket": "no-such-bucket"])
            for command in [["verify", "--all"], ["list"]] {
                let result = try await s3.scenario.run(command)
                #expect(result.status == 5, "\(result.all)")
                #expect(result.error("message").contains("no-such-bucket"))
                #expect(result.objects(command[0] == "list" ? "backup" : "verified").count == 1, "\(result.all)")
            }
            #expect(try await s3.scenario.dorsal("list", "--repository", "local").status == 0)
        }
    }
}
