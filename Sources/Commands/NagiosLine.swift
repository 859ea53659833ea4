import Dorsal
import Failures

/// A diagnosis as a Nagios plugin tells it: one line, and an exit code of its own table.
///
/// Source: Nagios Plugins Development Guidelines, "Plugin Output for Nagios", "Plugin Return Codes", "Performance data".
struct NagiosLine {
    /// A plugin's exit codes.
    enum Status: Int32 {
        case ok = 0
        case warning = 1
        case critical = 2
        case unknown = 3
    }

    let status: Status
    let text: String

    init(_ diagnosis: Diagnosis) {
        let (status, word): (Status, String) =
            switch diagnosis.state {
            case .ok: (.ok, "OK")
            case .warning: (.warning, "WARNING")
            case .failed: (.critical, "CRITICAL")
            }
        let troubles = [Check.State.failed, .warning].flatMap { state in
            diagnosis.checks.filter { $0.state == state }.map { "\($0.name): \($0.detail)" }
        }
        let message = ([DoctorText.summary(diagnosis)] + troubles).joined(separator: "; ")
        self.status = status
        self.text =
            "DORSAL \(word) - \(Self.plain("\(diagnosis.instance): \(message)"))|\(Self.measurements(diagnosis))"
    }

    /// What kept the doctor from looking.
    init(_ failure: Failure) {
        self.status = .unknown
        self.text =
            "DORSAL UNKNOWN - \(Self.plain([failure.message, failure.cause, failure.hint].compactMap { $0 }.joined(separator: "; ")))"
    }

    private static func measurements(_ diagnosis: Diagnosis) -> String {
        let age = diagnosis.backupAge.map { " backup_age=\(Int(min(max(0, $0), 1e12)))s" } ?? ""
        return "ok=\(diagnosis.count(.ok)) warnings=\(diagnosis.count(.warning)) failed=\(diagnosis.count(.failed))"
            + " time=\(diagnosis.seconds)s" + age
    }

    /// Everything behind a bar is taken for measurements.
    private static func plain(_ text: String) -> String {
        text.replacing("|", with: "/").split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
