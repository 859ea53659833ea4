import Failures
import Foundation
import Signing

/// Where a bucket is: the URL's parts, as requests are sent and signed with.
struct Address: Sendable {
    let scheme: String
    /// The Host header: with a port where it is not the scheme's own.
    let host: String
    /// What comes before a key in the path, encoded; ends with "/".
    let base: String

    /// - Throws: ``Failure`` of class usage when the endpoint is no URL of a service.
    init(_ settings: S3Settings) throws {
        let endpoint = settings.endpoint ?? "https://s3.\(settings.region).amazonaws.com"
        guard let url = URLComponents(string: endpoint), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let name = url.host, !name.isEmpty,
            url.query == nil, url.user == nil, url.fragment == nil
        else {
            throw Failure(
                .usage,
                "The S3 endpoint is not the URL of a service",
                hint: "Write http:// or https://, the host and perhaps a port, without an account: "
                    + "https://s3.example.com or http://127.0.0.1:8333."
            )
        }
        let standard = scheme == "https" ? 443 : 80
        let port = url.port.flatMap { $0 == standard ? nil : ":\($0)" } ?? ""
        var path = url.percentEncodedPath.split(separator: "/").map(String.init)
        self.scheme = scheme
        switch settings.addressing ?? Self.addressing(name, settings.bucket) {
        case .virtualHost: self.host = "\(settings.bucket).\(name)\(port)"
        case .path:
            self.host = name + port
            path.append(URIEncoding.encode(settings.bucket))
        }
        self.base = path.isEmpty ? "/" : "/" + path.joined(separator: "/") + "/"
    }

    /// The path of an object, or of the bucket.
    func path(_ key: String?) -> String {
        if let key { return self.base + URIEncoding.encodePath(key) }
        return self.base == "/" ? "/" : String(self.base.dropLast())
    }

    /// A bucket with dots in its name would not match the certificate of AWS.
    private static func addressing(_ host: String, _ bucket: String) -> S3Settings.Addressing {
        let isAWS = host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn")
        return isAWS && !bucket.contains(".") ? .virtualHost : .path
    }
}
