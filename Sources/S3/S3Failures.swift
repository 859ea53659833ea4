import Failures
import Foundation
import Signing

/// Errors of a service as people read them, each with its remedy.
struct S3Failures: Sendable {
    let settings: S3Settings
    let address: Address
    let credentials: CredentialSource

    /// An object or the bucket, for messages.
    func name(_ key: String?) -> String {
        ["s3:/", self.settings.bucket, key].compactMap { $0 }.joined(separator: "/")
    }

    /// What a request was about to do, to follow "Cannot".
    func doing(_ request: S3Request) -> String { "\(request.operation) \(self.name(request.key))" }

    /// An error that stays as it is however often the request is sent.
    func failure(_ error: S3Error, _ request: S3Request) -> Failure {
        let message: String
        let hint: String?
        (message, hint) = self.words(error, request)
        return Failure(.storage, "Cannot \(self.doing(request)): \(message)", cause: error.cause, hint: hint)
    }

    /// A request that was tried often enough.
    func exhausted(_ last: TryAgain, _ request: S3Request, tries: Int) -> Failure {
        let number = tries == 1 ? "1 try" : "\(tries) tries"
        let cause = last.requestID.map { "\(last.reason) (request id \($0))" } ?? last.reason
        return Failure(
            .storageTemporary,
            "Cannot \(self.doing(request)): given up after \(number) without progress",
            cause: cause,
            hint: last.hint ?? "Try again later; if it stays so, give the request id to the operator of \(self.host)."
        )
    }

    private var host: String { self.address.host }

    private func words(_ error: S3Error, _ request: S3Request) -> (String, String?) {
        let bucket = self.settings.bucket
        let key = self.credentials.current.accessKey
        switch error.code {
        case "NoSuchBucket":
            return (
                "there is no bucket \"\(bucket)\" at \(self.host)",
                "Correct the bucket's name or the endpoint, or create the bucket."
            )
        case "NoSuchKey": return ("there is no such object", nil)
        case "NoSuchUpload":
            return ("the upload is gone: somebody aborted it", "Look for a rule that removes uploads too early.")
        case "InvalidAccessKeyId", "InvalidClientTokenId":
            return (
                "\(self.host) does not know the access key \(key)",
                "Correct the access key; it must be one of this service, and not a deleted one."
            )
        case "SignatureDoesNotMatch":
            return (
                "the secret key does not belong to the access key \(key)",
                "Correct the secret key; look for white space at its ends or characters lost when it was copied."
            )
        case "ExpiredToken", "TokenRefreshRequired":
            return ("the session token has expired", "Get new temporary credentials, all three of them.")
        case "InvalidToken":
            return (
                "the session token does not belong to the access key \(key)",
                "Get new temporary credentials, all three of them; permanent ones have no session token."
            )
        case "RequestTimeTooSkewed", "RequestExpired": return self.skew(error)
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException", "InvalidRegion":
            return self.region(error)
        case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden":
            return (
                "the account \(key) may not do this",
                "Allow it \(request.permission) on the bucket \(bucket) and its objects."
            )
        case "NotImplemented": return ("\(self.host) does not support this operation", nil)
        case "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage":
            return ("the storage is full", "Raise the quota, or remove what is no longer needed.")
        default: return self.words(ofStatus: error, request)
        }
    }

    private func words(ofStatus error: S3Error, _ request: S3Request) -> (String, String?) {
        if (300..<400).contains(error.status) || (error.region != nil && error.region != self.settings.region) {
            return self.region(error)
        }
        if error.message.lowercased().contains("https") && self.address.scheme == "http" {
            return (
                "\(self.host) expects https, and was spoken to in http",
                "Write https:// in the endpoint."
            )
        }
        switch error.status {
        case 401, 403:
            return (
                "the service refused the account \(self.credentials.current.accessKey)",
                "Check the credentials, and that they allow \(request.permission)."
            )
        case 507: return ("the storage is full", "Raise the quota, or remove what is no longer needed.")
        default:
            let isService = !error.code.isEmpty
            return (
                "the service refused the request",
                isService
                    ? "Look up \(error.code) in the service's manual; the request was \(request.method), to "
                        + "\(request.operation) an object."
                    : "Check that \(self.host) is the address of an S3 service, not of its web page."
            )
        }
    }

    private func region(_ error: S3Error) -> (String, String?) {
        let bucket = self.settings.bucket
        if let region = error.region, region != self.settings.region {
            return (
                "the bucket \(bucket) is in the region \(region), not in \(self.settings.region)",
                "Set the region to \(region)"
                    + (self.settings.endpoint == nil ? "." : ", and the endpoint to the one of that region.")
            )
        }
        if let endpoint = error.endpoint {
            return ("the bucket \(bucket) is at another endpoint", "Set the endpoint to \(endpoint).")
        }
        return (
            "the bucket \(bucket) is in another region than \(self.settings.region), or at another endpoint",
            "Set the region and the endpoint to those of the bucket."
        )
    }

    private func skew(_ error: S3Error) -> (String, String?) {
        let local = self.settings.now().ISO8601Format()
        return (
            "this machine's clock differs too much from the service's: it is \(local) here and "
                + "\(error.time ?? "another time") there",
            "Set this machine's clock, for example with chrony or systemd-timesyncd."
        )
    }
}
