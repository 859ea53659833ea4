import Failures
import Foundation
import Storage
import Testing

@Suite("Free space")
struct DiskSpaceTests {
    @Test("a path that does not exist stands for the nearest folder above it")
    func nearest() throws {
        let folder = try TemporaryFolder()
        let here = try DiskSpace.available(at: folder.path)
        let below = try DiskSpace.available(at: folder("not/there/yet"))
        #expect(here > 0)
        // Other processes write meanwhile.
        #expect(abs(here - below) < 1 << 30)
        #expect(try DiskSpace.available(at: "/") > 0)
        #expect(try DiskSpace.available(at: "nothing-of-this-name/below") > 0)
    }

    @Test("a full file system has nothing left")
    func none() throws { #expect(try DiskSpace.available(at: "/proc/nothing/here") == 0) }

    @Test("a path through a file is named")
    func error() throws {
        expectFailure(.storage, containing: "Not a directory") { _ = try DiskSpace.available(at: "/etc/passwd/x") }
    }
}
