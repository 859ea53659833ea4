/// One MariaDB transaction's identifier: its domain, the server it first ran on, and its number in the domain.
package struct MariaDBGTID: Sendable, Hashable, CustomStringConvertible {
    /// The replication domain.
    package let domain: UInt32
    /// The id of the server where the transaction was first written.
    package let server: UInt32
    /// The number in the domain, from 1 to `Int64.max`.
    package let sequence: Int64

    /// Makes a GTID; the number must be positive.
    package init(domain: UInt32, server: UInt32, sequence: Int64) {
        precondition(sequence >= 1, "sequence numbers start at 1")
        self.domain = domain
        self.server = server
        self.sequence = sequence
    }

    /// `domain-server-number`.
    package var description: String { "\(self.domain)-\(self.server)-\(self.sequence)" }
}
