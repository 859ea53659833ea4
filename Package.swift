// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "dorsal",
    products: [
        .library(name: "Dorsal", targets: ["Dorsal", "Failures", "Progress"]),
        .executable(name: "dorsal", targets: ["Main"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // Rooms, from the ground up. Dependencies point downwards only.
        .target(name: "Failures"),
        .target(name: "Blocking"),
        .target(name: "GTID", dependencies: ["Failures"]),
        .target(
            name: "Binlog",
            dependencies: ["CISAL", "Failures", "GTID", .product(name: "SystemPackage", package: "swift-system")]
        ),
        .target(
            name: "Archive",
            dependencies: [
                "CArchive", "CISAL", "CZstd", "Failures", .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(name: "Storage", dependencies: ["Archive", "Blocking", "Failures"]),
        .target(name: "Signing", dependencies: ["Failures", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "S3",
            dependencies: [
                "Failures", "Signing", "Storage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(
            name: "Processes",
            dependencies: [
                "Failures",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "Progress", dependencies: ["Failures"]),
        .target(
            name: "Database",
            dependencies: [
                "Binlog", "CMariaDB", "Failures", "GTID", "Processes",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "Engines", dependencies: ["Archive", "Database", "Failures", "GTID", "Processes"]),
        .target(name: "Sandbox", dependencies: ["Database", "Failures", "GTID", "Processes"]),
        .target(
            name: "Dorsal",
            dependencies: [
                "Archive", "Binlog", "Blocking", "Database", "Engines", "Failures", "GTID", "Processes", "Progress",
                "S3",
                "Signing", "Storage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Demo",
            dependencies: ["Database", "Dorsal", "Failures", "GTID", "Progress", "Sandbox"]
        ),
        .target(
            name: "Commands",
            dependencies: [
                "Database", "Demo", "Dorsal", "Failures", "GTID", "Progress", "Sandbox",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "Main",
            dependencies: ["Commands", .product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),

        // The README's example.
        .executableTarget(
            name: "LibraryExample",
            dependencies: ["Dorsal", "Failures"],
            path: "Examples/LibraryExample"
        ),

        // Measures transfers to and from S3, see Benchmarks/transfer.sh.
        .executableTarget(
            name: "TransferBenchmark",
            dependencies: ["Failures", "S3", "Signing", "Storage"],
            path: "Benchmarks/TransferBenchmark"
        ),

        // Measures packing and unpacking; see Benchmarks/README.md.
        .executableTarget(
            name: "PackingBenchmark",
            dependencies: ["Archive"],
            path: "Benchmarks/PackingBenchmark"
        ),

        // Tests: fast ones need no server; end-to-end ones start real servers.
        .target(
            name: "TestSupport",
            dependencies: [
                "Database", "Failures", "GTID", "Processes", "S3", "Sandbox", "Signing", "Storage",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "GTIDTests", dependencies: ["Failures", "GTID", "TestSupport"]),
        .testTarget(
            name: "BinlogTests",
            dependencies: [
                "Binlog", "CISAL", "Failures", "GTID", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "ArchiveTests",
            dependencies: [
                "Archive", "CArchive", "Failures", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(name: "StorageTests", dependencies: ["Archive", "Blocking", "Failures", "Storage", "TestSupport"]),
        .testTarget(name: "SigningTests", dependencies: ["Failures", "Signing"]),
        .testTarget(
            name: "S3Tests",
            dependencies: [
                "Failures", "Processes", "S3", "Signing", "Storage", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "ProcessesTests", dependencies: ["Failures", "Processes", "TestSupport"]),
        .testTarget(
            name: "DatabaseTests",
            dependencies: ["Database", "Failures", "GTID", "Processes", "TestSupport"]
        ),
        .testTarget(
            name: "EnginesTests",
            dependencies: ["Archive", "Database", "Engines", "Failures", "GTID", "Processes", "TestSupport"]
        ),
        .testTarget(name: "ProgressTests", dependencies: ["Progress"]),
        .testTarget(
            name: "DorsalTests",
            dependencies: [
                "Archive", "Blocking", "Database", "Dorsal", "Engines", "Failures", "GTID", "Processes", "Progress",
                "S3", "Storage", "TestSupport",
            ]
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Commands", "Dorsal", "Failures", "Main", "Processes", "Progress", "Storage", "TestSupport",
            ]
        ),
        .testTarget(
            name: "PackagingTests",
            dependencies: [
                "Dorsal", "Failures", "Main", "Processes", "TestSupport", .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Binlog", "Database", "Dorsal", "Failures", "GTID", "Main", "Processes", "S3", "Sandbox", "Signing",
                "Storage", "TestSupport",
            ]
        ),
    ]
)

// The same rules for every Swift target.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
