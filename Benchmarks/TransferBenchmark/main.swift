import Dispatch
import Failures
import Foundation
import Glibc
import S3
import Signing
import Storage

// Copies a file to or from an S3-compatible service, and prints the seconds it took, those of CPU time, and the most memory it had, in MiB.
//
// usage: TransferBenchmark upload FILE BUCKET KEY | download BUCKET KEY FILE
//
// The service and the account are those of AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; PART_MIB and
// IN_FLIGHT change the size of parts and how many are on their way at a time.

/// Does blocking work on a thread that may block.
func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Swift.Result { try work() }) }
    }
}

func upload(_ path: String, _ key: String, to store: S3ObjectStore) async throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure.file("open", path, errno: errno) }
    defer { close(file) }
    _ = try await store.upload(key) { upload in
        while true {
            let bytes = try await offPool {
                try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                    count = read(file, buffer.baseAddress, buffer.count)
                    guard count >= 0 else { throw Failure.file("read", path, errno: errno) }
                }
            }
            if bytes.isEmpty { return }
            try await upload.write(bytes)
        }
    }
}

func download(_ key: String, _ path: String, from store: S3ObjectStore) async throws {
    guard let size = try await store.head(key)?.size else { throw Failure(.storage, "There is no \(store.url(key))") }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Failure.file("create", path, errno: errno) }
    defer { close(file) }
    try await store.readAll(key, size: size, partSize: settings.partSize, inFlight: settings.partsInFlight) { bytes in
        try await offPool {
            try bytes.withUnsafeBytes { buffer in
                var written = 0
                while written < buffer.count {
                    let count = write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                    guard count > 0 else { throw Failure.file("write to", path, errno: errno) }
                    written += count
                }
            }
        }
    }
}

/// The service, the account and the parts, as the environment says.
func makeSettings() -> S3Settings {
    let environment = ProcessInfo.processInfo.environment
    var settings = S3Settings(
        endpoint: environment["AWS_ENDPOINT_URL"],
        bucket: arguments[isUpload ? 2 : 1],
        credentials: Credentials(
            accessKey: environment["AWS_ACCESS_KEY_ID"] ?? "",
            secretKey: Secret(environment["AWS_SECRET_ACCESS_KEY"] ?? "")
        )
    )
    if let size = environment["PART_MIB"].flatMap({ Int($0) }) { settings.partSize = size << 20 }
    if let count = environment["IN_FLIGHT"].flatMap({ Int($0) }) { settings.partsInFlight = count }
    return settings
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 4, ["upload", "download"].contains(arguments[0]) else {
    print("usage: TransferBenchmark upload FILE BUCKET KEY | download BUCKET KEY FILE")
    exit(64)
}
let isUpload = arguments[0] == "upload"
let settings = makeSettings()
do {
    let begun = ContinuousClock.now
    try await S3ObjectStore.with(settings) { store in
        if isUpload {
            try await upload(arguments[1], arguments[3], to: store)
        } else {
            try await download(arguments[2], arguments[3], from: store)
        }
    }
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let cpu = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
    print(String(format: "%.2f %.2f %d", seconds, cpu, usage.ru_maxrss / 1024))
} catch {
    print("\(error)")
    exit(1)
}
