import Database
import Failures
import GTID

/// Has a server fetch from its peers until it holds everything that each of them held when it was asked.
///
/// A peer that has purged what is needed waits: another one may bring the server to where the first can go on.
struct CatchUp {
    let connection: ServerConnection
    let server: TemporaryServer
    let dialect: any Dialect
    let log: RunLog

    func run(_ probes: [PeerProbe]) async throws -> [PeerOutcome] {
        var waiting = probes.filter { $0.sample != nil }
        var running: [PeerProbe] = []
        var failed: [String: String] = [:]
        // Logging in proves little: a channel counts once its receiver was connected.
        var connected: Set<String> = []
        var watchdog = Watchdog(
            limit: .seconds(300),
            waitingFor: "the peers' transactions",
            hint: "see \(self.server.settings.folder)/server.log, then run dorsal catch-up"
        )
        while true {
            try self.server.checkRunning()
            let executed = try await self.connection.executedSet(self.dialect)
            let startable = waiting.filter { $0.sample.map { executed.contains($0.purged) } ?? false }
            for probe in startable {
                let purpose = "starting the channel '\(probe.peer.channel)'"
                try await self.connection.query(self.dialect.start(probe.peer.channel), purpose: purpose)
            }
            waiting.removeAll { probe in startable.contains { $0.peer == probe.peer } }
            running += startable
            let states = try await self.connection.channels(self.dialect)
            connected.formUnion(states.filter(\.isReceiving).map(\.name))
            for (channel, cause) in try self.failures(states, of: running) { failed[channel] = cause }
            running.removeAll { failed[$0.peer.channel] != nil }
            SyncPoint.reach("rejoin-running")
            let areConnected = running.allSatisfy { connected.contains($0.peer.channel) }
            if areConnected, self.isSettled(running, states, executed) { break }
            try watchdog.check("\(executed) " + states.map(\.progress).joined(separator: " "))
            self.tell(probes, executed)
            try await Task.sleep(for: .milliseconds(100))
        }
        return try await self.outcomes(probes, waiting: waiting, failed: failed)
    }

    /// Whether all running channels have brought what their peers had, and are less than a second behind.
    private func isSettled(_ running: [PeerProbe], _ states: [ChannelState], _ executed: GTIDSet) -> Bool {
        running.allSatisfy { probe in
            guard let sample = probe.sample, executed.contains(sample.held) else { return false }
            guard let state = states.first(where: { $0.name == probe.peer.channel }) else { return false }
            return (state.secondsBehind ?? 0) < 1
        }
    }

    /// Channels whose source cannot send what is needed, with the reason.
    ///
    /// - Throws: `Failure` of class `notCaughtUp` when an event that came could not be applied.
    private func failures(_ states: [ChannelState], of running: [PeerProbe]) throws -> [String: String] {
        var failures: [String: String] = [:]
        for state in states where running.contains(where: { $0.peer.channel == state.name }) {
            if let error = state.applierError {
                throw Failure(
                    .notCaughtUp,
                    "an event from \(state.host):\(state.port) could not be applied",
                    cause: "\(error)",
                    hint: "mend the cause, then run dorsal catch-up; the data directory stays as it is"
                )
            }
            // The receiver retries by itself while the connection is being made; only a final answer counts.
            if let error = state.receiverError, !state.isReceiving, Self.isFinal(error.number) {
                failures[state.name] = "\(error)"
            }
        }
        return failures
    }

    /// Errors after which a receiver does not try again: fatal reading errors, refused logins, equal ids.
    private static func isFinal(_ number: Int) -> Bool { [1236, 13114, 1045, 1593, 13117, 13122].contains(number) }

    private func tell(_ probes: [PeerProbe], _ executed: GTIDSet) {
        let wanted = probes.compactMap(\.sample).reduce(GTIDSet.empty(self.dialect.flavor)) { $0.union($1.held) }
        let missing = wanted.subtracting(executed).count
        self.log.amount("rejoin", Int64(missing), unit: "transactions to come")
    }

    private func outcomes(
        _ probes: [PeerProbe],
        waiting: [PeerProbe],
        failed: [String: String]
    ) async throws -> [PeerOutcome] {
        let executed = try await self.connection.executedSet(self.dialect)
        return probes.map { probe in
            switch probe.result {
            case .failure(let failure):
                return PeerOutcome(peer: probe.peer, sampled: nil, cause: failure.cause ?? failure.message)
            case .success(let sample):
                var outcome = PeerOutcome(
                    peer: probe.peer,
                    sampled: sample.held,
                    showsReceived: sample.received != nil,
                    cause: failed[probe.peer.channel]
                )
                let isWaiting = waiting.contains { $0.peer == probe.peer }
                if isWaiting || outcome.cause != nil {
                    let purged = sample.purged.subtracting(executed)
                    outcome.purged = purged.isEmpty ? nil : purged
                }
                return outcome
            }
        }
    }
}
