import Blocking
import Database
import Failures
import GTID

/// What the instance's server says of itself.
struct ServerReport: Sendable {
    let facts: ServerFacts
    /// Global variables by name; those that the server does not know are not there.
    let settings: [String: String]
    let privileges: Privileges
    let executed: GTIDSet
    /// The replication channels; nil when the user may not see them.
    let channels: [ChannelState]?
    /// MariaDB's domains that several servers have written to.
    let sharedDomains: [String]
    /// What is wrong with the server's option file, or what it says.
    let optionFile: Result<OptionFile, Failure>
}

extension Doctor {
    /// The login to the instance's server.
    func endpoint() async throws -> Endpoint {
        let instance = self.configuration.instance
        let password = try await untilCancelled { try instance.password?.resolve(within: Self.secretLimit) }
        var endpoint = Endpoint(.socket(instance.socket), user: instance.user, password: password)
        endpoint.connectSeconds = 4
        endpoint.silenceSeconds = 6
        return endpoint
    }

    func askServer(_ limit: TimeLimit, isWanted: Bool) async throws -> Result<ServerReport, Failure>? {
        guard isWanted else { return nil }
        return try await limit.ask("the server at \(self.configuration.instance.socket)", .database) {
            let endpoint = try await self.endpoint()
            return try await ServerConnection.with(endpoint) { try await self.report(of: $0) }
        }
    }

    private func report(of connection: ServerConnection) async throws -> ServerReport {
        let facts = try await connection.facts()
        let path = self.configuration.instance.myCnf
        return ServerReport(
            facts: facts,
            settings: try await connection.variables(ServerReport.variables),
            privileges: try await connection.privileges(facts.version),
            executed: try await connection.executedSet(facts.dialect),
            channels: try? await connection.channels(facts.dialect),
            sharedDomains: try await connection.domainWriters(facts.dialect).shared,
            optionFile: try await untilCancelled {
                do {
                    return .success(try OptionFile(path: path))
                } catch let failure as Failure {
                    return .failure(failure)
                }
            }
        )
    }
}

extension ServerReport {
    static let variables = [
        "gtid_mode", "enforce_gtid_consistency", "gtid_strict_mode", "binlog_format", "binlog_row_image",
        "binlog_row_metadata", "binlog_checksum", "binlog_expire_logs_seconds", "expire_logs_days",
        "log_replica_updates", "log_slave_updates",
    ]

    /// How long binary logs stay, in seconds; nil for ever.
    var binlogLifetime: Double? {
        let seconds = self.settings["binlog_expire_logs_seconds"].flatMap { Double($0) } ?? 0
        let days = self.settings["expire_logs_days"].flatMap { Double($0) } ?? 0
        let lifetime = seconds > 0 ? seconds : days * 86_400
        return lifetime > 0 ? lifetime : nil
    }
}

extension ServerConnection {
    /// Global variables by name, in lower case; those that the server does not know are left out.
    func variables(_ names: [String]) async throws -> [String: String] {
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        let rows = try await self.query(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN (\(list))",
            purpose: "reading the server's settings"
        )
        let pairs = rows.compactMap { row in row.first.map { ($0.lowercased(), row["Value"] ?? "") } }
        return Dictionary(pairs) { first, _ in first }
    }
}
