package import Failures

/// What came of trying out a bucket, see ``S3ObjectStore/probe()``.
package struct StorageProbe: Sendable {
    /// Where the objects lie that are put to try things out, in folders and buckets alike.
    package static let folder = "dorsal-probe"
    /// What they are called in S3, in a folder of a random name each time.
    package static let names = ["object", "condition", "parts"]

    /// What is tried, in this order.
    package enum Step: String, CaseIterable, Sendable {
        /// The service answers, knows the account, and has the bucket.
        case reach
        /// The clocks agree.
        case clock
        /// An object is put.
        case write
        /// It is read back as it was.
        case read
        /// An object is given metadata by a copy onto itself.
        case metadata
        /// A listing has what was put.
        case list
        /// An object is deleted, and gone.
        case delete
        /// An object is put if absent, once only.
        case putIfAbsent
        /// An object is put in parts.
        case multipart
    }

    /// How a service deals with putting if absent.
    package enum ConditionalPut: Sendable {
        /// As it should: the second put is refused.
        case supported
        /// It refuses such requests altogether.
        case refused
        /// It takes no notice of the condition, and replaces what is there.
        case ignored
    }

    /// What came of a step.
    package struct Finding: Sendable {
        /// The step.
        package let step: Step
        /// What went wrong; nil when nothing did.
        package let failure: Failure?
    }

    /// The steps that were taken; those that need one that failed are left out.
    package internal(set) var findings: [Finding] = []
    /// How the service deals with putting if absent; nil when that was not to be found out.
    package internal(set) var conditionalPut: ConditionalPut?
    /// The service's time less this machine's, exact to about a second; nil when it does not tell.
    package internal(set) var clockDifference: Duration?

    /// Whether all steps were taken and went well.
    package var isGood: Bool {
        self.findings.count == Step.allCases.count && self.findings.allSatisfy { $0.failure == nil }
    }

    /// Whether a step was taken and went well.
    func worked(_ step: Step) -> Bool { self.findings.contains { $0.step == step && $0.failure == nil } }

    /// A step's failure; nil when it went well or was not taken.
    package subscript(step: Step) -> Failure? { self.findings.first { $0.step == step }?.failure }
}
