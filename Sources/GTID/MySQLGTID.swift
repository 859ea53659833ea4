/// One MySQL transaction's identifier: the server it first ran on, perhaps a tag, and its number there.
package struct MySQLGTID: Sendable, Hashable, CustomStringConvertible {
    /// The server and tag that the number belongs to; every such pair counts for itself.
    package struct Source: Sendable, Hashable, Comparable {
        /// The server's UUID.
        package let uuid: ServerUUID
        /// The tag, or nil for a plain GTID.
        package let tag: GTIDTag?

        /// Makes a source.
        package init(_ uuid: ServerUUID, _ tag: GTIDTag? = nil) {
            self.uuid = uuid
            self.tag = tag
        }

        /// The server's order: by UUID, then without a tag first, then by tag.
        package static func < (left: Source, right: Source) -> Bool {
            if left.uuid != right.uuid { return left.uuid < right.uuid }
            guard let rightTag = right.tag else { return false }
            guard let leftTag = left.tag else { return true }
            return leftTag < rightTag
        }
    }

    /// The highest number the server hands out (MySQL: `GNO_END` − 1).
    package static let maximumSequence = Int64.max - 1

    /// The server and tag.
    package let source: Source
    /// The number, from 1 to ``maximumSequence``.
    package let sequence: Int64

    /// Makes a GTID; the number must be in its range.
    package init(_ uuid: ServerUUID, tag: GTIDTag? = nil, sequence: Int64) {
        precondition((1...Self.maximumSequence).contains(sequence), "not a MySQL sequence number")
        self.source = Source(uuid, tag)
        self.sequence = sequence
    }

    /// `uuid:number` or `uuid:tag:number`.
    package var description: String {
        let tag = self.source.tag.map { ":\($0)" } ?? ""
        return "\(self.source.uuid)\(tag):\(self.sequence)"
    }
}
