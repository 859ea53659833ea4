import Failures
import TestSupport
import Testing

@testable import Dorsal

@Suite("The heartbeat, to a real HTTP server")
struct HeartbeatTests {
    private func heartbeat(_ url: String) -> Heartbeat {
        var heartbeat = Heartbeat(url: Secret(url))
        heartbeat.pause = .milliseconds(10)
        return heartbeat
    }

    @Test("A success calls the address, a failure the one with /fail")
    func signals() async throws {
        try await Monitor.with { monitor in
            try await self.heartbeat(monitor.url).send(.success)
            try await self.heartbeat(monitor.url).send(.failure)
            try await self.heartbeat(monitor.url + "/?rid=1").send(.failure)
            let path = "/\(Monitor.token)"
            #expect(monitor.calls == [path, "\(path)/fail", "\(path)/fail?rid=1"])
        }
    }

    @Test("It is tried again where that may help")
    func again() async throws {
        try await Monitor.with([503, 429, 200]) { monitor in
            try await self.heartbeat(monitor.url).send(.success)
            #expect(monitor.calls.count == 3)
        }
        try await Monitor.with([500]) { monitor in
            let failure = try await #require(throws: Failure.self) {
                try await self.heartbeat(monitor.url).send(.success)
            }
            #expect(monitor.calls.count == 3)
            #expect(failure.cause == "HTTP status 500")
        }
        try await Monitor.with([404]) { monitor in
            let failure = try await #require(throws: Failure.self) {
                try await self.heartbeat(monitor.url).send(.success)
            }
            #expect(monitor.calls.count == 1)
            #expect(failure.message == "the monitor at http://127.0.0.1/… was not told")
            #expect(!failure.description.contains(Monitor.token))
        }
    }

    @Test("A monitor that does not answer, or is not there, is given up")
    func silent() async throws {
        try await Monitor.with([0]) { monitor in
            var heartbeat = self.heartbeat(monitor.url)
            heartbeat.limit = .milliseconds(300)
            let failure = try await #require(throws: Failure.self) { try await heartbeat.send(.success) }
            #expect(failure.class == .warning)
            #expect(!failure.description.contains(Monitor.token))
        }
        let nobody = try await #require(throws: Failure.self) {
            try await self.heartbeat("http://127.0.0.1:1/\(Monitor.token)").send(.success)
        }
        #expect(nobody.message == "the monitor at http://127.0.0.1/… was not told")
        #expect(nobody.cause?.isEmpty == false)
        #expect(!nobody.description.contains(Monitor.token))
    }

    @Test("A cancellation ends it; one that begins after that still calls")
    func cancelled() async throws {
        try await Monitor.with([0]) { monitor in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    var heartbeat = self.heartbeat(monitor.url)
                    heartbeat.limit = .seconds(600)
                    await #expect(throws: CancellationError.self) { try await heartbeat.send(.success) }
                }
                let deadline = ContinuousClock.now + .seconds(60)
                while monitor.calls.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
                group.cancelAll()
            }
            #expect(monitor.calls.count == 1)
        }
        try await Monitor.with { monitor in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    await #expect(throws: Never.self) { try await self.heartbeat(monitor.url).send(.failure) }
                }
            }
            #expect(monitor.calls == ["/\(Monitor.token)/fail"])
        }
    }
}
