/// Something that a run tells while it goes on.
public enum ProgressEvent: Sendable, Equatable {
    /// A stage begins.
    case stage(String, detail: String)
    /// How far a stage has come; `total` is 0 when unknown, `unit` is what is counted.
    case amount(stage: String, done: Int64, total: Int64, unit: String)
    /// Something worth knowing.
    case note(String)
    /// Something that the user should look at; a run with warnings ends with exit code 2.
    case warning(String)
    /// A request to the storage failed in a way that may pass, and is tried again.
    case retry(String)
}
