import Dorsal
import Failures
import Foundation
import Testing

@testable import struct Dorsal.BackupID

@Suite("Backups' ids")
struct BackupIDTests {
    /// 2026-11-22 09:40:58 UTC.
    private let now = Date(timeIntervalSince1970: 1_795_340_458)

    @Test("An id is read, shown, coded and ordered as its text")
    func text() throws {
        let id = try BackupID("20261122T094058Z-1f3a9c")
        #expect(id.description == "20261122T094058Z-1f3a9c")
        #expect(String(decoding: try JSONEncoder().encode([id]), as: UTF8.self) == "[\"20261122T094058Z-1f3a9c\"]")
        #expect(try JSONDecoder().decode([BackupID].self, from: Data("[\"\(id)\"]".utf8)) == [id])
        let later = try BackupID("20261122T094059Z-000000")
        #expect(id < later)
        #expect(!(later < id))
        #expect(try BackupID("20261122T094058Z-000000") < id)
    }

    @Test(
        "What is no id is refused with what shows them",
        arguments: [
            "", "latest", "nonsense", "20261122T094058Z", "20261122T094058Z-1F3A9C", "20261122T094058Z-1f3a9",
            "20261122T094058Z-1f3a9c0", "20261122T094058Z-1f3a9c\n", "../20261122T094058Z-1f3a9c",
            "20261122t094058z-1f3a9c", "x20261122T094058Z-1f3a9c",
        ]
    )
    func garbage(_ text: String) throws {
        let failure = try #require(throws: Failure.self) { try BackupID(text) }
        #expect(failure.class == .usage)
        #expect(failure.message == "'\(text)' is not a backup's id")
        #expect(failure.hint?.contains("dorsal list") == true)
    }

    @Test("A new id says when it was made, in UTC, and differs from the next")
    func make() throws {
        let ids = Set(try (0..<20).map { _ in try BackupID.make(after: nil, now: self.now) })
        #expect(ids.count > 15)
        for id in ids { #expect(id.description.hasPrefix("20261122T094058Z-")) }
        #expect(BackupID.stamp(Date(timeIntervalSince1970: 0)) == "19700101T000000Z")
    }

    @Test("An id is made after earlier ones, those of the same second included")
    func makeAfter() throws {
        for previous in ["20261122T094057Z-ffffff", "20261122T094058Z-ffffff"] {
            let id = try BackupID.make(after: BackupID(previous), now: self.now)
            #expect(id.description.prefix(16) == "20261122T094058Z")
        }
    }

    @Test("When the clock has gone back no id is made")
    func clockGoneBack() throws {
        let newest = try BackupID("20261122T094059Z-000000")
        let failure = try #require(throws: Failure.self) { try BackupID.make(after: newest, now: self.now) }
        #expect(failure.class == .unusable)
        #expect(failure.message.contains("\(newest)"))
        #expect(failure.hint?.contains("clock") == true)
        #expect(failure.hint?.hasSuffix("or wait until that time has passed") == true)
        let far = try BackupID("20271122T094059Z-000000")
        let wrong = try #require(throws: Failure.self) { try BackupID.make(after: far, now: self.now) }
        #expect(wrong.hint?.hasSuffix("dorsal delete \(far)") == true)
    }

    @Test("A time that is to come by more than an hour, and one that is no time, are told apart")
    func isAhead() throws {
        #expect(try BackupID("20261122T110000Z-000000").isAhead(of: self.now))
        #expect(try !BackupID("20261122T102000Z-000000").isAhead(of: self.now))
        #expect(try !BackupID("20271399T102000Z-000000").isAhead(of: self.now))
    }
}
