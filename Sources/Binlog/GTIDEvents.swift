import Failures
package import GTID

extension MySQLGTID {
    /// Reads the body of a GTID event (type 33): flags (1 byte), server UUID (16), number (8); more follows.
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short or the number out of range.
    package init(gtidBody body: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(body)
        _ = try cursor.take(1)
        let uuid = try cursor.readUUIDHalves()
        try self.init(ServerUUID(high: uuid.0, low: uuid.1), nil, checking: cursor.read())
    }

    /// Reads the body of a tagged GTID event (type 42), which is a serialized message.
    ///
    /// The message is its format's version, its size, the last field that must be understood, and fields in the order
    /// of their numbers, each preceded by its number. Field 0 holds flags, 1 the UUID byte by byte, 2 the signed
    /// number, 3 the tag with its length; every integer, also each byte of the UUID, is of variable length (MySQL:
    /// `Gtid_event::define_fields` and libs/mysql/serialization/readme.md).
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short, of another version, or a field is wrong.
    package init(taggedBody body: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(body)
        let version = try cursor.readVariableLength()
        guard version == 1 else { throw Failure(.integrity, "the message's format version is \(version) and not 1") }
        let size = try cursor.readVariableLength()
        guard size == UInt64(body.count) else {
            throw Failure(.integrity, "the message's size is \(size) and the event has \(body.count) bytes")
        }
        _ = try cursor.readVariableLength()
        try Self.expectField(0, &cursor)
        _ = try cursor.readVariableLength()
        try Self.expectField(1, &cursor)
        let uuid = try ServerUUID(high: Self.readHalf(&cursor), low: Self.readHalf(&cursor))
        try Self.expectField(2, &cursor)
        let sequence = try cursor.readSignedVariableLength()
        try Self.expectField(3, &cursor)
        try self.init(uuid, cursor.readTag(), checking: sequence)
    }

    private init(_ uuid: ServerUUID, _ tag: GTIDTag?, checking sequence: Int64) throws {
        guard (1...Self.maximumSequence).contains(sequence) else {
            throw Failure(.integrity, "the GTID's number is \(sequence), which is out of range")
        }
        self.init(uuid, tag: tag, sequence: sequence)
    }

    private static func expectField(_ number: UInt64, _ cursor: inout ByteCursor) throws {
        let found = try cursor.readVariableLength()
        guard found == number else { throw Failure(.integrity, "field \(found) is found and field \(number) expected") }
    }

    private static func readHalf(_ cursor: inout ByteCursor) throws -> UInt64 {
        var half: UInt64 = 0
        for _ in 0..<8 {
            let byte = try cursor.readVariableLength()
            guard byte <= 255 else { throw Failure(.integrity, "a byte of the UUID is \(byte)") }
            half = half << 8 | byte
        }
        return half
    }
}

extension MariaDBGTID {
    /// Reads the body of a MariaDB GTID event (type 162): number (8 bytes), domain (4), flags (1); the server id is
    /// the header's.
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short or the number out of range.
    package init(gtidBody body: UnsafeRawBufferPointer, server: UInt32) throws {
        var cursor = ByteCursor(body)
        let sequence: UInt64 = try cursor.read()
        let domain: UInt32 = try cursor.read()
        _ = try cursor.take(1)
        guard let sequence = Int64(exactly: sequence), sequence > 0 else {
            throw Failure(.integrity, "the GTID's number is \(sequence), which is out of range")
        }
        self.init(domain: domain, server: server, sequence: sequence)
    }
}

extension ByteCursor {
    /// Reads a tag with its length in front; nil for the empty one, which stands for no tag.
    mutating func readTag() throws -> GTIDTag? {
        let length = try self.readVariableLength()
        guard length > 0 else { return nil }
        guard length <= UInt64(GTIDTag.maximumLength), let tag = GTIDTag(utf8: try self.take(Int(length))) else {
            throw Failure(.integrity, "the tag of \(length) bytes is not one")
        }
        return tag
    }
}
