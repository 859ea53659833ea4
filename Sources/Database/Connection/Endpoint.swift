package import Failures

/// Where a server listens and who logs in.
package struct Endpoint: Sendable, Equatable {
    /// The two ways to a server.
    package enum Address: Sendable, Equatable, CustomStringConvertible {
        case socket(String)
        case tcp(host: String, port: UInt16)

        package var description: String {
            switch self {
            case .socket(let path): path
            case .tcp(let host, let port): "\(host):\(port)"
            }
        }
    }

    package let address: Address
    package let user: String
    package let password: Secret?
    /// How long a connection attempt may take, in seconds.
    package var connectSeconds: UInt32 = 10
    /// How long the server may be silent during a statement, in seconds; none for statements of unknown length.
    package var silenceSeconds: UInt32?

    package init(_ address: Address, user: String, password: Secret?) {
        self.address = address
        self.user = user
        self.password = password
    }
}
