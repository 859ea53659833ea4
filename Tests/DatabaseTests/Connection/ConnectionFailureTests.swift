import Database
import Failures
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Connections that cannot be made")
struct ConnectionFailureTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func failure(_ address: Endpoint.Address) async throws -> Failure {
        var endpoint = Endpoint(address, user: "dorsal", password: Secret("a-secret-word"))
        endpoint.connectSeconds = 5
        let failure = try await #require(throws: Failure.self) {
            try await ServerConnection.with(endpoint) { _ in Issue.record("a server answered") }
        }
        #expect(failure.class == .database)
        #expect(!failure.description.contains("a-secret-word"))
        return failure
    }

    /// A TCP port of this machine that nothing listens on: bound once, then given back.
    private func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> UInt16? in
                guard bind(descriptor, generic, size) == 0, getsockname(descriptor, generic, &size) == 0 else {
                    return nil
                }
                return pointer.pointee.sin_port.bigEndian
            }
        }
        return try #require(port)
    }

    @Test("A socket that does not exist")
    func noSocket() async throws {
        let path = self.folder.path("none.sock")
        let failure = try await self.failure(.socket(path))
        #expect(failure.message == "no server answers at \(path) as 'dorsal'")
        #expect(failure.hint?.contains("instance.socket") == true)
        #expect(failure.cause?.contains("(2002)") == true)
    }

    @Test("A socket file that nobody listens on")
    func deadSocket() async throws {
        let path = self.folder.path("dead.sock")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
        try #require(bound == 0)
        let failure = try await self.failure(.socket(path))
        #expect(failure.message == "no server answers at \(path) as 'dorsal'")
        #expect(failure.hint?.contains("is the server running") == true)
    }

    @Test("A regular file where the socket should be")
    func fileAsSocket() async throws {
        let path = try self.folder.write("no socket", to: "file.sock")
        #expect(try await self.failure(.socket(path)).message == "no server answers at \(path) as 'dorsal'")
    }

    @Test("A TCP port that nothing listens on is not blamed on the socket")
    func deadPort() async throws {
        let port = try self.freePort()
        let failure = try await self.failure(.tcp(host: "127.0.0.1", port: port))
        #expect(failure.message == "no server answers at 127.0.0.1:\(port) as 'dorsal'")
        #expect(failure.hint == "check host, port and firewall, and that the server listens on that address")
    }

    @Test("A host that has no address")
    func unknownHost() async throws {
        let failure = try await self.failure(.tcp(host: "no-such-host.invalid", port: 3306))
        #expect(failure.message == "no server answers at no-such-host.invalid:3306 as 'dorsal'")
        #expect(failure.hint?.contains("firewall") == true)
    }

    @Test("A cancelled task does not even try")
    func cancelled() async throws {
        let path = self.folder.path("none.sock")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await ServerConnection.with(Endpoint(.socket(path), user: "u", password: nil)) { _ in }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Addresses for messages")
    func addresses() {
        #expect(Endpoint.Address.socket("/s").description == "/s")
        #expect(Endpoint.Address.tcp(host: "db1", port: 3307).description == "db1:3307")
        #expect(Endpoint(.socket("/s"), user: "u", password: nil).connectSeconds == 10)
    }
}
