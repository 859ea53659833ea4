import AsyncHTTPClient
import Failures
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Tells errors of connections that may pass from those that will not.
enum TransportError {
    /// What to try again for; throws what does not pass.
    static func judge(_ error: any Error, _ address: Address) throws -> TryAgain {
        switch error {
        case let again as TryAgain: return again
        case is Failure, is CancellationError, is StaleCredentials: throw error
        case let error as HTTPClientError: return try self.judge(error, address)
        case let error as HTTPParserError where error != .invalidEOFState && error != .closedConnection:
            throw self.notHTTP(address, error)
        case let error as NIOSSLError: return try self.judge(error, address)
        case let error as NIOSSLExtraError:
            if error == .failedToValidateHostname { throw self.untrusted(address, "\(error)") }
            return TryAgain(reason: "\(error)")
        case let error as NIOConnectionError: return self.judge(error, address)
        case let error as IOError:
            return TryAgain(reason: error.description, hint: self.connectionHint(address))
        default: return TryAgain(reason: "\(error)", hint: self.connectionHint(address))
        }
    }

    private static func judge(_ error: HTTPClientError, _ address: Address) throws -> TryAgain {
        switch error {
        case .cancelled: throw CancellationError()
        case .readTimeout: return TryAgain(reason: "no bytes came for too long (read timeout)")
        case .writeTimeout: return TryAgain(reason: "no bytes could be sent for too long (write timeout)")
        case .remoteConnectionClosed:
            return TryAgain(reason: "the connection was closed", hint: self.connectionHint(address))
        default: return TryAgain(reason: error.shortDescription)
        }
    }

    private static func judge(_ error: NIOConnectionError, _ address: Address) -> TryAgain {
        let lookup = error.dnsAError ?? error.dnsAAAAError
        if error.connectionErrors.isEmpty, let lookup {
            return TryAgain(reason: "\(lookup)", hint: "Check the name \(error.host) in the endpoint, and the DNS.")
        }
        let reason = error.connectionErrors.first.map { "\($0.error)" } ?? "\(error)"
        return TryAgain(reason: reason, hint: self.connectionHint(address))
    }

    private static func judge(_ error: NIOSSLError, _ address: Address) throws -> TryAgain {
        guard case .handshakeFailed(let reason) = error else { return TryAgain(reason: "\(error)") }
        let text = "\(reason)"
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            throw Failure(
                .storage,
                "\(address.host) does not speak https on this port",
                cause: text,
                hint: "Write http:// in the endpoint, or the port that https is on."
            )
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") { throw self.untrusted(address, text) }
        return TryAgain(reason: text)
    }

    private static func untrusted(_ address: Address, _ cause: String) -> Failure {
        Failure(
            .storage,
            "The certificate of \(address.host) is not trusted",
            cause: cause,
            hint: "Name the PEM file of the authority that signed it, or correct the host's name in the endpoint."
        )
    }

    private static func notHTTP(_ address: Address, _ error: HTTPParserError) -> Failure {
        Failure(
            .storage,
            "\(address.host) does not answer in HTTP",
            cause: "\(error)",
            hint: address.scheme == "http"
                ? "Write https:// in the endpoint if the service is on TLS, or correct the port."
                : "Correct the endpoint's port."
        )
    }

    private static func connectionHint(_ address: Address) -> String {
        // Some services of TLS say nothing at all to those that speak HTTP.
        let scheme = address.scheme == "http" ? ", that it expects http:// and not https://" : ""
        return "Check that \(address.host) is the service's address\(scheme), that it runs, and that no firewall is in "
            + "the way."
    }
}
