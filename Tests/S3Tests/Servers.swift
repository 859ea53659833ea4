import Failures
import Foundation
import Glibc
import Processes
import S3
import Signing
import Storage
import TestSupport
import Testing

/// All tests that need S3 servers; they are started before the first of these tests and ended after the last.
@Suite("Object stores on real servers", .realServers)
enum RealServerTests {}

/// The kinds of stores that keep the one contract.
enum StoreKind: String, CaseIterable, Sendable {
    case local
    case seaweedfs
    case moto

    static let s3: [StoreKind] = [.seaweedfs, .moto]
}

/// Real S3 servers in scratch folders, on free ports.
struct Servers: SuiteTrait, TestScoping {
    @TaskLocal static var running: [StoreKind: UInt16] = [:]

    static let credentials = Credentials(accessKey: "dorsal-test", secretKey: Secret("a secret of the tests"))

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let (weed, weedPort) = try Self.seaweedfs(folder)
        let motoPort = try Self.freePort()
        let moto = ToolCommand(try Self.program("moto_server"), ["-H", "127.0.0.1", "-p", "\(motoPort)"])
        _ = try await Service.with(weed, log: folder.path("weed.log"), grace: .seconds(5)) { weed in
            // Their data is of no worth: without this, SeaweedFS takes half a minute to end.
            defer { kill(weed.pid, SIGKILL) }
            _ = try await Service.with(moto, log: folder.path("moto.log"), grace: .seconds(5)) { moto in
                defer { kill(moto.pid, SIGKILL) }
                let ports = [StoreKind.seaweedfs: weedPort, .moto: motoPort]
                for (kind, port) in ports { try await Self.createBucket(kind, port, folder) }
                try await Self.$running.withValue(ports) { try await function() }
            }
        }
    }

    /// How to reach a server that runs.
    static func settings(_ kind: StoreKind, prefix: String) throws -> S3Settings {
        let port = try #require(self.running[kind], "\(kind) does not run")
        return S3Settings(
            endpoint: "http://127.0.0.1:\(port)",
            bucket: "dorsal",
            prefix: prefix,
            credentials: self.credentials
        )
    }

    private static func seaweedfs(_ folder: TemporaryFolder) throws -> (ToolCommand, UInt16) {
        let key = self.credentials.accessKey
        let secret = self.credentials.secretKey.reveal()
        let accounts = """
            {"identities": [{"name": "dorsal", "credentials": [{"accessKey": "\(key)", "secretKey": "\(secret)"}],
             "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
             {"name": "reader", "credentials": [{"accessKey": "reader", "secretKey": "\(secret)"}],
             "actions": ["Read", "List"]}]}
            """
        try folder.write(accounts, to: "s3.json")
        try FileManager.default.createDirectory(atPath: folder.path("data"), withIntermediateDirectories: true)
        var arguments = [
            "server", "-dir=\(folder.path("data"))", "-ip=127.0.0.1", "-s3", "-s3.config=\(folder.path("s3.json"))",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=100", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-filer.localSocket=\(folder.path("filer.sock"))",
            "-s3.localSocket=\(folder.path("s3.sock"))",
        ]
        for service in ["master", "volume", "filer"] {
            arguments.append("-\(service).port=\(try self.freePort())")
            arguments.append("-\(service).port.grpc=\(try self.freePort())")
        }
        let port = try self.freePort()
        arguments += ["-s3.port=\(port)", "-s3.port.grpc=\(try self.freePort())"]
        return (ToolCommand(try self.program("weed"), arguments), port)
    }

    /// A server's program; one that is missing fails the tests.
    private static func program(_ name: String) throws -> String {
        let folder = ProcessInfo.processInfo.environment["DORSAL_S3_SERVERS"] ?? "/var/cache/dorsal/python/bin"
        guard access(folder + "/" + name, X_OK) == 0 else {
            throw Failure(
                .internal,
                "There is no \(folder)/\(name)",
                hint:
                    "Run the tests with make test, or set DORSAL_S3_SERVERS to what Scripts/fetch-s3-servers.sh prints."
            )
        }
        return folder + "/" + name
    }

    /// Waits until a server takes a bucket.
    private static func createBucket(_ kind: StoreKind, _ port: UInt16, _ folder: TemporaryFolder) async throws {
        var settings = S3Settings(
            endpoint: "http://127.0.0.1:\(port)",
            bucket: "dorsal",
            credentials: self.credentials
        )
        settings.retries = RetryPolicy(tries: 200, base: .milliseconds(250), longest: .milliseconds(250))
        try await S3ObjectStore.with(settings) { store in
            try await store.createBucket()
            // Until the volumes are there, puts fail for good.
            for attempt in 0... {
                do {
                    return try await store.put([1], "ready")
                } catch let failure as Failure where attempt < 40 {
                    _ = failure
                    try await Task.sleep(for: .milliseconds(250))
                }
            }
        }
    }

    /// A port below those that the system gives out by itself, so that no connection takes it meanwhile.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 12_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        throw Failure(.internal, "There is no free port")
    }
}

extension Trait where Self == Servers {
    /// Runs the suite with real S3 servers.
    static var realServers: Self { Self() }
}
