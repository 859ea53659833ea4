import Failures

extension Failure {
    /// A package that is not what its manifest says.
    static func damaged(_ package: String, _ what: String, cause: String? = nil) -> Failure {
        Failure(
            .integrity,
            "Package \(package) \(what)",
            cause: cause,
            hint: "Do not use this copy; use another copy or another backup."
        )
    }
}
