/// One line of an option file, read the way the server reads it.
enum OptionLine: Equatable {
    /// Nothing, or only a comment.
    case blank
    /// `[name]`: what follows belongs to that group.
    case group(String)
    /// `!include path`.
    case include(String)
    /// `!includedir path`.
    case includeDirectory(String)
    /// A key, as it is written, and its value if it has one.
    case option(key: String, value: String?)
    /// What the server refuses, and why.
    case malformed(String)

    /// Reads a line; its end (also CR LF) may be there or not.
    init(_ bytes: some Sequence<UInt8>) {
        let line = Array(bytes).trimmed
        switch line.first {
        case nil, UInt8(ascii: "#"), UInt8(ascii: ";"): self = .blank
        case UInt8(ascii: "!"): self = OptionLine.directive(line.dropFirst())
        case UInt8(ascii: "["): self = OptionLine.header(line.dropFirst())
        default: self = OptionLine.option(line)
        }
    }

    private static func header(_ rest: ArraySlice<UInt8>) -> OptionLine {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return .malformed("a group without its ']'") }
        // Only the end is trimmed: to the server, `[ mysqld]` is another group than `[mysqld]`.
        let name = rest[..<end].reversed().drop(while: \.isBlank).reversed()
        return .group(String(decoding: name, as: UTF8.self))
    }

    private static func directive(_ rest: ArraySlice<UInt8>) -> OptionLine {
        let line = Array(rest).trimmed
        let end = line.firstIndex(where: \.isBlank) ?? line.endIndex
        let name = String(decoding: line[..<end], as: UTF8.self)
        // The server ignores what it does not know after a `!`.
        guard ["include", "includedir"].contains(name) else { return .blank }
        let path = String(decoding: Array(line[end...]).trimmed, as: UTF8.self)
        guard !path.isEmpty else { return .malformed("'!\(name)' without a path") }
        return name == "include" ? .include(path) : .includeDirectory(path)
    }

    private static func option(_ line: [UInt8]) -> OptionLine {
        let line = withoutEndComment(line)
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
            return .option(key: String(decoding: Array(line).trimmed, as: UTF8.self), value: nil)
        }
        let key = Array(line[..<equals]).trimmed
        guard !key.isEmpty else { return .malformed("a value without the name of an option") }
        let value = unescaped(unquoted(Array(line[(equals + 1)...]).trimmed[...]))
        return .option(key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
    }

    /// A `#` begins a comment unless it stands within quotes.
    private static func withoutEndComment(_ line: [UInt8]) -> ArraySlice<UInt8> {
        var quote: UInt8?
        var escaped = false
        for (index, byte) in line.enumerated() {
            if byte.isQuote, !escaped {
                if quote == nil { quote = byte } else if quote == byte { quote = nil }
            }
            if quote == nil, byte == UInt8(ascii: "#") { return line[..<index] }
            escaped = quote != nil && byte == UInt8(ascii: "\\") && !escaped
        }
        return line[...]
    }

    private static func unquoted(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard value.count > 1, let first = value.first, first.isQuote, value.last == first else { return value }
        return value.dropFirst().dropLast()
    }

    private static func unescaped(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var bytes = value.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "\\"), let next = bytes.next() else {
                result.append(byte)
                continue
            }
            // The server leaves a sequence that it does not know as it stands, backslash included.
            result += escapes[next].map { [$0] } ?? [byte, next]
        }
        return result
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "s"): 32, UInt8(ascii: "\\"): 92, UInt8(ascii: "\""): 34, UInt8(ascii: "'"): 39,
    ]
}

extension UInt8 {
    /// White space as the server sees it: of ASCII only, so that no UTF-8 sequence is cut.
    var isBlank: Bool { self == 32 || (9...13).contains(self) }
    /// One of the two quotes.
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
}

extension [UInt8] {
    /// The bytes without white space around them.
    fileprivate var trimmed: [UInt8] {
        guard let first = self.firstIndex(where: { !$0.isBlank }) else { return [] }
        guard let last = self.lastIndex(where: { !$0.isBlank }) else { return [] }
        return Array(self[first...last])
    }
}
