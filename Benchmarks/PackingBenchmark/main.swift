// Packs a folder or unpacks a package, and prints what that cost. See Benchmarks/README.md.
import Archive
import Foundation

/// What the process used so far.
struct Usage {
    let seconds: Double
    let processor: Double
    let peakMegabytes: Int

    static func now() -> Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let times = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
        let wall = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        return Usage(seconds: wall, processor: times[0] + times[1], peakMegabytes: usage.ru_maxrss / 1024)
    }
}

/// Runs the work and prints its cost.
func measure(_ name: String, _ work: () throws -> Int64) rethrows {
    let start = Usage.now()
    let bytes = try work()
    let end = Usage.now()
    let seconds = String(
        format: "%.2f s, %.2f s of processor",
        end.seconds - start.seconds,
        end.processor - start.processor
    )
    print("\(name): \(seconds), \(bytes) bytes, peak \(end.peakMegabytes) MB resident")
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "pack" where (4...6).contains(arguments.count):
    let compression = arguments.count > 4 ? PackageCompression(rawValue: arguments[4]) : .gzip
    let threads = arguments.count > 5 ? Int(arguments[5]) : ProcessorCount.current
    try measure("pack") {
        let writer = try PackageWriter(
            sinks: [FileSink(creating: arguments[3])],
            compression: compression ?? .gzip,
            threads: threads ?? 1,
            checkCancellation: {}
        )
        try writer.addTree(at: arguments[2], under: "data")
        let digest = try writer.finish()
        try JSONEncoder().encode(digest).write(to: URL(filePath: arguments[3] + ".json"))
        return digest.bytes
    }
case "unpack" where arguments.count == 4:
    let digest = try JSONDecoder().decode(
        PackageDigest.self,
        from: Data(contentsOf: URL(filePath: arguments[2] + ".json"))
    )
    try measure("unpack") {
        let source = try FileSource(opening: arguments[2])
        try PackageReader(source: source, expected: digest, checkCancellation: {}).extract(into: arguments[3])
        return digest.files.reduce(0) { $0 + $1.size }
    }
default:
    print("usage: PackingBenchmark pack FOLDER PACKAGE [gzip|zstd [THREADS]] | unpack PACKAGE FOLDER")
    exit(64)
}
