import Failures

/// Where the log goes on (type 4): a position (8 bytes) and a file name (the rest).
package struct RotateEvent: Sendable, Hashable {
    /// The first event's offset in the next file; 4 but for a dump that starts elsewhere.
    package let position: UInt64
    /// The next file's name, without folder.
    package let fileName: String

    /// Reads the event's body, without checksum.
    ///
    /// - Throws: `Failure` of class `integrity` when it is cut short or the name is not one of a binary log.
    package init(body: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(body)
        self.position = try cursor.read()
        let name = Array(cursor.takeRest())
        self.fileName = String(decoding: name, as: UTF8.self)
        // The name becomes a path below our own folder, so nothing but the name of a file may pass.
        guard !name.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "/") || $0 == 0x7F }),
            Array(self.fileName.utf8) == name, name.count <= 255, Self.hasNumber(name)
        else { throw Failure(.integrity, "'\(Self.printable(name))' is not a binary log's file name") }
    }

    /// Whether the name ends in a dot and digits, as every binary log's does.
    private static func hasNumber(_ name: [UInt8]) -> Bool {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count else { return false }
        return name[(dot + 1)...].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func printable(_ name: [UInt8]) -> String {
        String(decoding: name.prefix(255).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
