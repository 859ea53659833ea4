package import Archive
import Database
import Failures
import Foundation
import GTID
package import Processes

/// A copy of a server's data that went through a stream, and the point in history that it stands at.
package struct StreamedData: Sendable, Equatable {
    package let boundary: DataBoundary
    /// The name and version of what made it.
    package let tool: String
    /// What went through.
    package let bytes: StreamedBytes
}

/// What a stream held, and what it became.
package struct StreamedBytes: Sendable, Equatable {
    /// What the parser found.
    package let contents: XBStreamContents
    /// The stream as it was stored.
    package let record: StreamRecord

    package init(contents: XBStreamContents, record: StreamRecord) {
        self.contents = contents
        self.record = record
    }
}

/// How a stream is read while the tool writes it.
package typealias StreamWork = @Sendable (_ output: ToolPipe, _ parser: XBStreamParser) async throws -> StreamedBytes

extension EngineKind {
    /// Which of the two formats of one name its streams have.
    package var streamDialect: XBStreamDialect { self == .mariabackup ? .mariadb : .percona }
}

extension CopyToolEngine {
    /// The program that makes files of a stream; nil when it is not on this machine.
    package var streamProgram: String? {
        Installation.program(self.tool.streamPrograms, base: self.base)
            ?? Installation.program(self.tool.streamPrograms, base: nil)
    }

    /// Everything that can fail early of a restore from a stream.
    package func checkStreamProgram() throws { _ = try self.require(self.streamProgram, self.tool.streamPrograms) }

    /// Copies the data while the server runs, through the given work; nothing of it is put on the disk.
    ///
    /// - Parameter work: Reads the output to its end, and lets the parser take all of it.
    /// - Throws: `Failure`; nothing is to be kept of the stream then.
    package func stream(_ request: SnapshotRequest, _ work: @escaping StreamWork) async throws -> StreamedData {
        let optionFile = try self.writeOptionFile(request)
        defer { try? FileManager.default.removeItem(atPath: optionFile) }
        let arguments = self.tool.streamArguments(try self.job(request, optionFile, "\(request.folder)/tool"))
        let parser = self.parser(name: "of \(self.kind.rawValue)")
        let tool = ToolCommand(try self.requireProgram(), arguments, isLowPriority: request.isLowPriority)
        let run = try await tool.run(
            messagesIn: request.folder,
            hint: "the tool's messages tell which step failed; run dorsal backup again when it is mended"
        ) { try await work($0, parser) }
        guard run.messages.last?.hasSuffix("completed OK!") == true else {
            throw Failure(
                .unusable,
                "\(self.kind.rawValue) did not say that it completed",
                cause: run.messages.suffix(8).joined(separator: "\n"),
                hint: "run dorsal backup again"
            )
        }
        return StreamedData(
            boundary: try self.boundary(in: run.result.contents),
            tool: "\(self.kind.rawValue) \(try await self.toolVersion().text)",
            bytes: run.result
        )
    }

    /// A parser for this tool's streams.
    package func parser(name: String) -> XBStreamParser {
        let names = self.infoNames
        return XBStreamParser(name: name, dialect: self.kind.streamDialect) { names.contains($0) }
    }

    /// Makes files of a stream.
    ///
    /// - Parameters:
    ///   - directory: Where to; it is made when it is not there.
    ///   - work: Writes the stream, of which a parser has taken each byte before.
    package func unpack(
        into directory: String,
        _ work: @escaping @Sendable (ToolPipe) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let program = try self.require(self.streamProgram, self.tool.streamPrograms)
        let arguments = self.tool.unpackArguments(directory: directory, parallel: Self.parallel)
        _ = try await ToolCommand(program, arguments).run(
            messagesIn: directory,
            hint: "is \(program) of the version that made the backup?",
            writing: work
        )
    }

    private var infoNames: [String] { self.tool.infoPrefixes.map { "\($0)binlog_info" } }

    private func boundary(in contents: XBStreamContents) throws -> DataBoundary {
        for name in self.infoNames {
            if let info = contents.kept[name] { return try self.boundary(info, name) }
        }
        throw self.noBoundary("in its stream")
    }
}
