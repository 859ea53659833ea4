import Failures
package import GTID

/// What one binary log file holds.
package struct BinlogSummary: Sendable, Equatable {
    /// The file's name, without folder.
    package let name: String
    /// The file's size in bytes.
    package let size: UInt64
    /// The version of the server that wrote the file.
    package let serverVersion: String
    /// How its events are protected.
    package let checksum: ChecksumAlgorithm
    /// The GTIDs of all files before this one, as the file itself says (Previous_gtids, or MariaDB's GTID list).
    package let previous: GTIDSet
    /// The GTIDs of the transactions in the file.
    package let gtids: GTIDSet
    /// The ids of the servers where the file's transactions first ran.
    package let serverIDs: Set<UInt32>
    /// How many transactions have no GTID (MySQL only).
    package let anonymousCount: Int
    /// Whether the file ends with a Rotate or Stop event; otherwise it is in use, or its server was killed.
    package let endsCleanly: Bool

    /// Reads the whole file and checks every event.
    ///
    /// - Throws: `Failure` of class `integrity` that names file and offset, `internal` when the file cannot be read.
    package static func scan(path: String, flavor: GTIDFlavor) throws -> BinlogSummary {
        var reader = try BinlogFileReader(path: path)
        var account = BinlogAccount(flavor: flavor)
        while let event = try reader.next() {
            try BinlogPlace(file: path, offset: event.offset).naming { try account.add(event) }
        }
        guard let format = reader.format else {
            throw BinlogPlace(file: path, offset: 0).failure("the file has no event")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return account.summary(name: name, size: reader.size, format: format)
    }
}
