/// Which servers wrote to which of MariaDB's GTID domains.
///
/// A position says how far a domain has come. It proves what a server holds only where one server at a time writes.
struct DomainWriters: Sendable, Equatable {
    private(set) var servers: [String: Set<String>] = [:]

    init() {}

    /// Reads `gtid_binlog_state`: `domain-server-sequence`, an entry for each server that wrote to a domain.
    init(state: String) {
        for entry in state.split(separator: ",") {
            let parts = entry.split(separator: "-").map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard parts.count == 3 else { continue }
            self.servers[String(parts[0]), default: []].insert(String(parts[1]))
        }
    }

    /// These writers and others together.
    func union(_ other: DomainWriters) -> DomainWriters {
        var union = self
        union.servers.merge(other.servers) { $0.union($1) }
        return union
    }

    /// The domains that several servers wrote to.
    var shared: [String] { self.servers.filter { $0.value.count > 1 }.keys.sorted() }
}
