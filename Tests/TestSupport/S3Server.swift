import Failures
import Foundation
import Processes
package import S3
package import Signing
import Synchronization

/// A real S3 server in a scratch folder, on free ports, that all tests of one process share.
///
/// It is started when the first test asks for it, and ends with the process, however that ends.
package struct S3Server: Sendable {
    /// The kinds there are.
    package enum Kind: String, CaseIterable, Sendable {
        /// SeaweedFS, which checks accounts and signatures.
        case seaweedfs
        /// Moto, which answers as AWS does and lets everybody in.
        case moto
        /// SeaweedFS over TLS, with a certificate of an authority of its own.
        case seaweedfsTLS
    }

    /// The kind.
    package let kind: Kind
    /// The port of 127.0.0.1 that the server listens on.
    package let port: UInt16
    /// The PEM file of the authority that signed the server's certificate.
    package let certificates: String?

    /// The bucket that is there already.
    package static let bucket = "dorsal"
    /// An account that may do everything.
    package static let account = Credentials(accessKey: "dorsal-test", secretKey: Secret("a secret of the tests"))
    /// An account that may read and list only, at SeaweedFS.
    package static let reader = Credentials(accessKey: "reader", secretKey: Secret("another secret of the tests"))

    /// The server's URL.
    package var endpoint: String {
        self.certificates == nil ? "http://127.0.0.1:\(self.port)" : "https://localhost:\(self.port)"
    }

    /// Whether tests with S3 servers are to be run: where the servers are named, and wherever nothing may be skipped.
    package static let isWanted: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return environment["DORSAL_S3_SERVERS"] != nil || environment["CI"] != nil
    }()

    /// Starts a server, or gives the one that runs.
    ///
    /// - Throws: ``Failure`` when the programs are not there; tests fail then, and are not skipped.
    package static func shared(_ kind: Kind) async throws -> S3Server { try await S3Servers.shared.server(kind) }

    /// How to reach the bucket, with a prefix that nobody else uses unless one is given.
    package func settings(prefix: String = "test/\(UUID().uuidString)") -> S3Settings {
        var settings = S3Settings(
            endpoint: self.endpoint,
            bucket: Self.bucket,
            prefix: prefix,
            credentials: Self.account
        )
        settings.certificates = self.certificates
        return settings
    }
}

/// The servers that run.
private final class S3Servers: Sendable {
    static let shared = S3Servers()
    private let gate = Gate(1)
    private let running = Mutex<[S3Server.Kind: S3Server]>([:])

    func server(_ kind: S3Server.Kind) async throws -> S3Server {
        try await self.gate.pass {
            if let server = self.running.withLock({ $0[kind] }) { return server }
            let server = try await kind.start()
            self.running.withLock { $0[kind] = server }
            return server
        }
    }
}

extension S3Server.Kind {
    fileprivate func start() async throws -> S3Server {
        // Before there is a folder that nobody would remove.
        _ = try Self.program(self == .moto ? "moto_server" : "weed")
        // Where Scripts/leftovers.sh looks.
        let folder = "/tmp/dorsal-sandbox-s3-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = try ListeningSocket.stablePort()
        var certificates: String?
        switch self {
        case .seaweedfs: try Self.seaweedfs(folder, port, [])
        case .seaweedfsTLS:
            let authority = try await TestAuthority.make(in: folder)
            certificates = authority.certificates
            let options = ["-s3.cert.file=\(authority.certificate)", "-s3.key.file=\(authority.key)"]
            try Self.seaweedfs(folder, port, options)
        case .moto: try Self.moto(folder, port)
        }
        let server = S3Server(kind: self, port: port, certificates: certificates)
        do {
            try await server.createBucket()
        } catch let failure as Failure {
            let log = FileManager.default.contents(atPath: "\(folder)/log") ?? Data()
            throw Failure(
                .internal,
                "\(self.rawValue) did not start: \(failure)",
                cause: String(decoding: log.suffix(2000), as: UTF8.self)
            )
        }
        return server
    }

    private static func seaweedfs(_ folder: String, _ port: UInt16, _ options: [String]) throws {
        func identity(_ account: Credentials, _ actions: String) -> String {
            let key = "{\"accessKey\": \"\(account.accessKey)\", \"secretKey\": \"\(account.secretKey.reveal())\"}"
            return "{\"name\": \"\(account.accessKey)\", \"credentials\": [\(key)], \"actions\": [\(actions)]}"
        }
        let identities = [
            identity(S3Server.account, "\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\""),
            identity(S3Server.reader, "\"Read\", \"List\""),
        ]
        let text = "{\"identities\": [\(identities.joined(separator: ", "))]}"
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/s3.json"))
        try FileManager.default.createDirectory(atPath: "\(folder)/data", withIntermediateDirectories: true)
        var arguments = [
            "server", "-dir=\(folder)/data", "-ip=127.0.0.1", "-s3", "-s3.config=\(folder)/s3.json",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=100", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-filer.localSocket=\(folder)/filer.sock", "-s3.localSocket=\(folder)/s3.sock",
            "-s3.domainName=localhost", "-s3.port=\(port)",
        ]
        for service in ["master", "volume", "filer"] {
            arguments.append("-\(service).port=\(try ListeningSocket.stablePort())")
        }
        for service in ["master", "volume", "filer", "s3"] {
            arguments.append("-\(service).port.grpc=\(try ListeningSocket.stablePort())")
        }
        try BoundProcess.start(try self.program("weed"), arguments + options, in: folder)
    }

    private static func moto(_ folder: String, _ port: UInt16) throws {
        // By a name in the folder, so that its command line tells whose it is.
        let program = "\(folder)/moto_server"
        try FileManager.default.createSymbolicLink(
            atPath: program,
            withDestinationPath: try self.program("moto_server")
        )
        try BoundProcess.start(program, ["-H", "127.0.0.1", "-p", "\(port)"], in: folder)
    }

    private static func program(_ name: String) throws -> String {
        let folder = ProcessInfo.processInfo.environment["DORSAL_S3_SERVERS"] ?? "DORSAL_S3_SERVERS"
        let path = folder + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(
                .internal,
                "There is no \(path)",
                hint:
                    "Run the tests with make test, or set DORSAL_S3_SERVERS to what Scripts/fetch-s3-servers.sh prints."
            )
        }
        return path
    }
}

extension S3Server {
    /// Waits until the server takes a bucket, and an object in it.
    fileprivate func createBucket() async throws {
        var settings = self.settings(prefix: "")
        settings.retries = RetryPolicy(tries: 400, base: .milliseconds(250), longest: .milliseconds(250))
        try await S3ObjectStore.with(settings) { store in
            try await store.createBucket()
            // Until the volumes are there, puts fail for good.
            let deadline = ContinuousClock.now + .seconds(60)
            while true {
                do {
                    return try await store.put([1], "ready")
                } catch let failure as Failure {
                    guard ContinuousClock.now < deadline else { throw failure }
                    try await Task.sleep(for: .milliseconds(250))
                }
            }
        }
    }
}
