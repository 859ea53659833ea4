import Failures
import S3

/// Judges the bucket that backups go to.
enum BucketChecks {
    static func judge(_ answer: Result<BucketReport, Failure>?) -> [Check] {
        switch answer {
        case nil: []
        case .failure(let failure): [.failed(.s3, "S3", failure)]
        case .success(let report): self.judge(report)
        }
    }

    static func judge(_ report: BucketReport) -> [Check] {
        let steps = report.probe.findings.compactMap { self.judge($0, report) }
        guard report.probe[.reach] == nil else { return steps }
        return steps + [self.lock(report), self.unfinished(report)]
    }

    private static func judge(_ finding: StorageProbe.Finding, _ report: BucketReport) -> Check? {
        switch finding.step {
        case .reach:
            .require(.s3, "S3", finding.failure, else: "\(report.name) answers and takes the credentials")
        case .clock: self.clock(finding.failure, report.probe.clockDifference)
        case .write: .require(.s3, "S3 write", finding.failure, else: "an object was put")
        case .read: .require(.s3, "S3 read", finding.failure, else: "it came back as it was")
        case .putIfAbsent: self.condition(finding.failure, report.probe.conditionalPut)
        case .metadata: .require(.s3, "S3 metadata", finding.failure, else: "kept")
        case .list: .require(.s3, "S3 list", finding.failure, else: "shows what was put")
        case .multipart: .require(.s3, "S3 multipart upload", finding.failure, else: "an object was put in two parts")
        case .delete: .require(.s3, "S3 delete", finding.failure, else: "nothing of this is left")
        }
    }

    /// Services refuse requests from 15 minutes on.
    private static func clock(_ failure: Failure?, _ difference: Duration?) -> Check? {
        guard let difference else { return nil }
        let seconds = abs(difference.components.seconds)
        guard let failure else { return .ok(.s3, "S3 clock", "\(seconds) s apart from this machine's") }
        return seconds > 900 ? .failed(.s3, "S3 clock", failure) : .warning(.s3, "S3 clock", failure)
    }

    private static func condition(_ failure: Failure?, _ support: StorageProbe.ConditionalPut?) -> Check {
        let what: String
        switch support {
        case .supported: return .ok(.s3, "S3 conditional put", "supported")
        case .ignored: what = "silently ignored by this service, which replaces what is there"
        case .refused: what = "refused by this service"
        case nil:
            guard let failure else { return .ok(.s3, "S3 conditional put", "not tried") }
            return .failed(.s3, "S3 conditional put", failure)
        }
        return .warning(
            .s3,
            "S3 conditional put",
            "\(what): two backups of one instance that begin at the same moment may both give way",
            hint: "do not start backups of this instance on two machines at once"
        )
    }

    private static func lock(_ report: BucketReport) -> Check {
        switch report.holder {
        case .success(let holder):
            .ok(.s3, "S3 lock", holder.map { "\($0.message): \($0.cause ?? "another program")" } ?? "free")
        case .failure(let failure): .failed(.s3, "S3 lock", failure)
        }
    }

    private static func unfinished(_ report: BucketReport) -> Check {
        let name = "S3 unfinished uploads"
        switch report.unfinished {
        case .failure(let failure): return .warning(.s3, name, failure)
        case .success(let ages):
            guard let oldest = ages.max() else { return .ok(.s3, name, "none") }
            let detail = "\(ages.count), the oldest begun \(Age.text(oldest)) ago"
            guard oldest > 86_400 else { return .ok(.s3, name, detail) }
            let hint = "the next dorsal backup aborts them; until then they are paid for"
            return .warning(.s3, name, detail, hint: hint)
        }
    }
}
