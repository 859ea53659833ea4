import ArgumentParser
import Dorsal
import Failures
import Foundation

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that could make a backup or a restore fail, and say what to do about it.",
        discussion: """
            Nothing is changed on any server, and what is written elsewhere is removed again. Exit codes: 0 all is well, 2 \
            warnings only, else the class of the first check that failed; with --nagios those of a plugin: 0, 1, 2, 3.
            Example: dorsal doctor --only server,s3
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: "Look at these groups only, of: \(CheckGroup.names).",
        completion: .list(CheckGroup.allCases.map(\.rawValue)),
        transform: DoctorCommand.groups
    )
    var only: Set<CheckGroup>?

    @Flag(help: "Print one line as a Nagios plugin does, and end with a plugin's exit code.")
    var nagios = false

    func validate() throws {
        if self.nagios, self.global.output.json { throw ValidationError("--nagios and --json exclude each other.") }
    }

    func run() async throws {
        let command = self
        try await Run.command(self.global.output) { output in
            if command.nagios { return try await command.plugin(output) }
            let diagnosis = try await command.diagnosis()
            for check in diagnosis.checks { output.result(check, text: DoctorText.text(check, output.paint)) }
            output.result(diagnosis, text: DoctorText.summary(diagnosis))
            if let failed = diagnosis.failureClass, failed != .warning { throw ExitCode(failed.rawValue) }
            return diagnosis.state == .warning
        }
    }

    private func diagnosis() async throws -> Diagnosis {
        let dorsal = Dorsal(try self.global.configuration())
        return try await dorsal.doctor(self.only ?? Set(CheckGroup.allCases))
    }

    /// Whatever happens is told in the one line that a plugin has.
    private func plugin(_ output: Output) async throws -> Bool {
        let line: NagiosLine
        do {
            line = NagiosLine(try await self.diagnosis())
        } catch let failure as Failure {
            line = NagiosLine(failure)
        }
        output.result(line.text, text: line.text)
        throw ExitCode(line.status.rawValue)
    }

    static func groups(_ text: String) throws -> Set<CheckGroup> {
        Set(
            try text.split(separator: ",").map { word in
                guard let group = CheckGroup(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                    throw ValidationError("There is no group '\(word)'; there are \(CheckGroup.names).")
                }
                return group
            }
        )
    }
}

extension CheckGroup {
    fileprivate static var names: String { Self.allCases.map(\.rawValue).joined(separator: ", ") }
}
