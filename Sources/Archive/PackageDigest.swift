/// What a package holds and which digests prove it: the part of a manifest that describes one package.
package struct PackageDigest: Codable, Sendable, Equatable {
    /// The length of the compressed package, in bytes.
    package var bytes: Int64
    /// SHA-256 of the compressed package, in lower-case hex.
    package var sha256: String
    /// SHA-1 of the compressed package, in lower-case hex, for storage that checks uploads by SHA-1.
    package var sha1: String
    /// Every regular file, in the order of the tar.
    package var files: [PackageFile]
    /// Every folder that has an entry of its own, in the order of the tar.
    package var directories: [PackageDirectory]

    /// Makes a digest from its parts.
    package init(
        bytes: Int64,
        sha256: String,
        sha1: String,
        files: [PackageFile],
        directories: [PackageDirectory]
    ) {
        self.bytes = bytes
        self.sha256 = sha256
        self.sha1 = sha1
        self.files = files
        self.directories = directories
    }

    /// The compressed package by itself.
    package var stream: StreamRecord { StreamRecord(bytes: self.bytes, sha256: self.sha256, sha1: self.sha1) }
}

/// One regular file of a package.
package struct PackageFile: Codable, Sendable, Equatable {
    /// The path in the package: relative, with "/" between its components.
    package var path: String
    /// The length of the contents, in bytes.
    package var size: Int64
    /// SHA-256 of the contents, in lower-case hex.
    package var sha256: String
    /// The permission bits, 0 to 0o777.
    package var mode: UInt32

    /// Describes a file.
    package init(path: String, size: Int64, sha256: String, mode: UInt32) {
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.mode = mode
    }
}

/// One folder of a package.
package struct PackageDirectory: Codable, Sendable, Equatable {
    /// The path in the package: relative, with "/" between its components.
    package var path: String
    /// The permission bits, 0 to 0o777.
    package var mode: UInt32

    /// Describes a folder.
    package init(path: String, mode: UInt32) {
        self.path = path
        self.mode = mode
    }
}
