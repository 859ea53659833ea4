/// What an xbstream that was read to its end holds.
package struct XBStreamContents: Sendable, Equatable {
    /// Every file's length in bytes, by its path.
    package var files: [String: Int64] = [:]
    /// The contents of the small files that were to be kept.
    package var kept: [String: [UInt8]] = [:]
    /// The length of the stream itself, in bytes.
    package var bytes: Int64 = 0

    /// The length of all files together, in bytes.
    package var unpackedBytes: Int64 { self.files.values.reduce(0, +) }

    /// Describes a stream.
    package init(files: [String: Int64] = [:], kept: [String: [UInt8]] = [:], bytes: Int64 = 0) {
        self.files = files
        self.kept = kept
        self.bytes = bytes
    }
}

/// Which of the two programs that share the format's name wrote a stream: their chunks of type `S` differ.
package enum XBStreamDialect: Sendable, Equatable {
    /// mariadb-backup: the place in the file where the next bytes go.
    case mariadb
    /// XtraBackup: bytes with a map of the holes between them.
    case percona
}
