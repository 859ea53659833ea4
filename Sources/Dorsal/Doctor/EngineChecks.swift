import Database
import Engines
import Failures

/// What would copy the data.
struct EngineReport: Sendable {
    let kind: EngineKind
    /// The tool in words, or why it cannot be used.
    let tool: Result<String, Failure>
    let otherTables: [OtherTable]
}

extension Doctor {
    /// - Returns: nil when the server was not asked or did not answer: what fits it is not known then.
    func examineEngine(
        _ server: Result<ServerReport, Failure>?,
        _ limit: TimeLimit
    ) async throws -> Result<EngineReport, Failure>? {
        guard self.wants(.engine), let facts = server?.success?.facts else { return nil }
        return try await limit.ask("the engine", .unusable) {
            let engine = try self.configuration.engine(for: facts.version)
            return try await ServerConnection.with(try await self.endpoint()) { connection in
                let tool: Result<String, Failure>
                do {
                    tool = .success(try await engine.examine(connection, facts))
                } catch let failure as Failure {
                    tool = .failure(failure)
                }
                return EngineReport(kind: engine.kind, tool: tool, otherTables: try await connection.otherTables())
            }
        }
    }
}

/// Judges what would copy the data.
enum EngineChecks {
    static func judge(_ answer: Result<EngineReport, Failure>?) -> [Check] {
        switch answer {
        case nil: []
        case .failure(let failure): [.failed(.engine, "engine", failure)]
        case .success(let report): self.judge(report)
        }
    }

    static func judge(_ report: EngineReport) -> [Check] {
        let engine: Check =
            switch report.tool {
            case .success(let tool): .ok(.engine, "engine", "\(report.kind.rawValue): \(tool)")
            case .failure(let failure): .failed(.engine, "engine", failure)
            }
        let tables = report.otherTables
        guard !tables.isEmpty else { return [engine, .ok(.engine, "tables", "all are InnoDB's")] }
        // The clone engine refuses them, and says so above.
        if report.kind == .clone { return [engine] }
        let verb = tables.count == 1 ? "is" : "are"
        return [
            engine,
            .warning(
                .engine,
                "tables",
                "\(OtherTable.text(tables)) \(verb) not InnoDB's: \(OtherTable.names(tables))",
                hint: "all writers wait while \(report.kind.rawValue) copies them, and MEMORY tables come back empty; "
                    + "ALTER TABLE … ENGINE=InnoDB"
            ),
        ]
    }
}
