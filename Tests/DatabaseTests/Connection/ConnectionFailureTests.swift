import Database
import Failures
import Foundation
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
        try ListeningSocket(path: path).close()
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
        let port = try ListeningSocket.freePort()
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
