import TestSupport
import Testing

/// All tests that know of real servers; where these need not be there, those of folders are left.
@Suite("Object stores")
enum RealServerTests {}

/// The kinds of stores that keep the one contract.
enum StoreKind: String, CaseIterable, Sendable {
    case local
    case seaweedfs
    case moto

    /// All kinds that are to be tested.
    static let all: [StoreKind] = S3Server.isWanted ? Self.allCases : [.local]
    /// Those that are servers.
    static let s3: [StoreKind] = [.seaweedfs, .moto]

    /// The server; nil for a folder.
    var server: S3Server.Kind? {
        switch self {
        case .local: nil
        case .seaweedfs: .seaweedfs
        case .moto: .moto
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test that needs S3 servers where DORSAL_S3_SERVERS does not name them, but never in CI.
    static var s3Servers: Self {
        .enabled(
            if: S3Server.isWanted,
            "DORSAL_S3_SERVERS is not set: make test installs S3 servers and tests with them"
        )
    }
}
