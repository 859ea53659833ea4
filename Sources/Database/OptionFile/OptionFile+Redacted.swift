extension OptionFile {
    /// A file's bytes with comments in place of the lines that hold a password or a key, and all others as they were.
    ///
    /// Lines that are commented out count too, since what was a password may still be one.
    package static func redacted(_ bytes: [UInt8]) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        return Array(lines.map(OptionFile.redacted(line:)).joined(separator: [newline]))
    }

    /// The same for text; bytes that are not UTF-8 are better kept by ``redacted(_:)``.
    package static func redacted(text: String) -> String {
        String(decoding: OptionFile.redacted(Array(text.utf8)), as: UTF8.self)
    }

    private static func redacted(line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let mark: [UInt8] = line.starts(with: [0xEF, 0xBB, 0xBF]) ? [0xEF, 0xBB, 0xBF] : []
        let content = line.dropFirst(mark.count).drop {
            $0.isBlank || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: ";")
        }
        guard case .option(let key, let value?) = OptionLine(content), OptionName(key).isSecret(value) else {
            return line
        }
        let end: [UInt8] = line.last == UInt8(ascii: "\r") ? [UInt8(ascii: "\r")] : []
        return (mark + Array("# \(key) removed by dorsal".utf8) + end)[...]
    }
}
