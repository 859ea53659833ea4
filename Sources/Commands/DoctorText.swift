import Dorsal
import Progress

/// A diagnosis as people read it: a line a check, with the remedy below it.
enum DoctorText {
    static func text(_ check: Check, _ paint: Paint) -> String {
        let line = "\(self.word(check.state, paint))  \(check.name): \(check.detail)"
        guard let hint = check.hint else { return line }
        let indent = String(repeating: " ", count: 9)
        return "\(line)\n\(indent)hint: \(hint.replacing("\n", with: "\n\(indent)      "))"
    }

    static func summary(_ diagnosis: Diagnosis) -> String {
        let warnings = diagnosis.count(.warning)
        return
            "\(diagnosis.count(.ok)) OK, \(warnings) warning\(warnings == 1 ? "" : "s"), \(diagnosis.count(.failed)) failed"
    }

    private static func word(_ state: Check.State, _ paint: Paint) -> String {
        switch state {
        case .ok: paint.green("OK     ")
        case .warning: paint.yellow("WARNING")
        case .failed: paint.red("FAILED ")
        }
    }
}
