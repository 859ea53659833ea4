import Failures
import GTID
import Testing

@testable import Dorsal

@Suite("Whether a restore ended well")
struct VerdictTests {
    private func proof(_ expected: String, _ executed: String, temporaryEvents: Int = 0) throws -> Proof {
        Proof(
            expected: try mysqlSet(expected),
            executed: try mysqlSet(executed),
            serverUUID: nil,
            temporaryEvents: temporaryEvents
        )
    }

    private func reached(_ peer: Peer = .two, cause: String? = nil, purged: String? = nil) throws -> PeerOutcome {
        PeerOutcome(
            peer: peer,
            sampled: try mysqlSet("1-10"),
            cause: cause,
            purged: try purged.map { try mysqlSet($0) }
        )
    }

    private func down(_ peer: Peer = .three) -> PeerOutcome {
        PeerOutcome(peer: peer, sampled: nil, cause: "connection refused")
    }

    @Test("What was expected, what is there, what differs")
    func proofs() throws {
        let proof = try self.proof("1-10", "1-8:12")
        #expect(proof.missing == (try mysqlSet("9-10")))
        #expect(proof.extra == (try mysqlSet("12")))
        let exact = try self.proof("1-10", "1-10")
        #expect(exact.missing.isEmpty)
        #expect(exact.extra.isEmpty)
    }

    @Test("Complete: everything is there, all peers were reached")
    func complete() throws {
        let verdict = Verdict(proof: try self.proof("1-10", "1-10"), peers: [try self.reached()], catchesUp: true)
        #expect(verdict.isComplete)
        #expect(verdict.failure == nil)
        #expect(verdict.warnings == [])
    }

    @Test("Transactions that nobody knows are corruption")
    func extra() throws {
        let verdict = Verdict(proof: try self.proof("1-10", "1-11"), peers: [try self.reached()], catchesUp: true)
        #expect(!verdict.isComplete)
        #expect(verdict.failure?.class == .integrity)
        #expect(verdict.failure?.cause == "extra: \(UUIDs.one):11")
    }

    @Test("Events of the temporary server are corruption, and told before anything else")
    func temporaryEvents() throws {
        let proof = try self.proof("1-10", "1-9:11", temporaryEvents: 2)
        let verdict = Verdict(proof: proof, peers: [try self.reached()], catchesUp: true)
        #expect(verdict.failure?.class == .integrity)
        #expect(verdict.failure?.message.contains("generated events of its own; they stand in 2") == true)
    }

    @Test("What the peers have purged is a gap that names the missing set")
    func gap() throws {
        let peers = [try self.reached(cause: "fatal error 1236", purged: "8-9"), try self.reached(.three)]
        let verdict = Verdict(proof: try self.proof("1-10", "1-7"), peers: peers, catchesUp: true)
        #expect(verdict.failure?.class == .gap)
        #expect(verdict.failure?.message == "history is missing: \(UUIDs.one):8-10")
        #expect(verdict.failure?.cause == "db2:3306 has purged \(UUIDs.one):8-9")
        #expect(verdict.failure?.hint?.contains("replication.sources") == true)
    }

    @Test("A peer that has purged what another one sent is no gap")
    func gapFilled() throws {
        let peers = [try self.reached(purged: "8-9"), try self.reached(.three)]
        #expect(Verdict(proof: try self.proof("1-10", "1-10"), peers: peers, catchesUp: true).isComplete)
    }

    @Test("Missing transactions without a purge: not caught up, with every peer's reason")
    func missing() throws {
        let peers = [try self.reached(cause: "login refused"), self.down()]
        let verdict = Verdict(proof: try self.proof("1-10", "1-7"), peers: peers, catchesUp: true)
        #expect(verdict.failure?.class == .notCaughtUp)
        #expect(verdict.failure?.message == "restored, but transactions are missing: \(UUIDs.one):8-10")
        #expect(verdict.failure?.cause == "db2:3306: login refused; db3:3306: connection refused")
        #expect(verdict.failure?.hint?.contains("dorsal catch-up") == true)
        let noCause = Verdict(proof: try self.proof("1-10", "1-7"), peers: [try self.reached()], catchesUp: true)
        #expect(noCause.failure?.cause == nil)
    }

    @Test("All peers down: what they hold is unknown, so it is not caught up")
    func allDown() throws {
        let peers = [self.down(.two), self.down(.three)]
        let verdict = Verdict(proof: try self.proof("1-10", "1-10"), peers: peers, catchesUp: true)
        #expect(verdict.failure?.class == .notCaughtUp)
        #expect(verdict.failure?.message.contains("no peer was reached") == true)
        #expect(verdict.failure?.cause == "db2:3306: connection refused; db3:3306: connection refused")
        #expect(verdict.warnings.count == 2)
    }

    @Test("Some peers down: done, with a warning that names them")
    func someDown() throws {
        let peers = [try self.reached(), self.down()]
        let verdict = Verdict(proof: try self.proof("1-10", "1-10"), peers: peers, catchesUp: true)
        #expect(verdict.isComplete)
        #expect(verdict.warnings.count == 1)
        #expect(verdict.warnings.first?.hasPrefix("db3:3306 was not reached (connection refused)") == true)
    }

    @Test("A peer that hides what it has received: done, with a warning that names the grant")
    func hidesReceived() throws {
        var peer = try self.reached()
        peer.showsReceived = false
        let verdict = Verdict(proof: try self.proof("1-10", "1-10"), peers: [peer], catchesUp: true)
        #expect(verdict.isComplete)
        #expect(verdict.warnings.count == 1)
        #expect(verdict.warnings.first?.contains("grant REPLICATION CLIENT") == true)
    }

    @Test("What a peer holds is what it has executed, and received where it tells")
    func held() throws {
        let nothing = try mysqlSet("")
        let executed = try mysqlSet("1-10")
        let mute = PeerSample(executed: executed, received: nil, purged: nothing, serverIDs: [])
        #expect(mute.held == executed)
        let open = PeerSample(executed: executed, received: try mysqlSet("8-12"), purged: nothing, serverIDs: [])
        #expect(open.held == (try mysqlSet("1-12")))
    }

    @Test("No peer known: done, with a warning")
    func noPeers() throws {
        let verdict = Verdict(proof: try self.proof("1-10", "1-10"), peers: [], catchesUp: true)
        #expect(verdict.isComplete)
        #expect(verdict.warnings.count == 1)
        #expect(verdict.warnings.first?.contains("no replication source is known") == true)
    }

    @Test("Without catching up no peer is missed, but the backup's own transactions are")
    func noCatchUp() throws {
        let done = Verdict(proof: try self.proof("1-10", "1-10"), peers: [], catchesUp: false)
        #expect(done.isComplete)
        #expect(done.warnings == [])
        let missing = Verdict(proof: try self.proof("1-10", "1-9"), peers: [], catchesUp: false)
        #expect(missing.failure?.class == .notCaughtUp)
    }
}
