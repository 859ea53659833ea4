/// An element of an answer of an S3 service: its name, its text or its children.
///
/// Attributes are left out. The reader is a strict one for the small part of XML that such answers use; a document
/// type is refused, as is whatever is cut short.
struct XMLNode: Sendable, Equatable {
    private(set) var name: String
    private(set) var text = ""
    private(set) var children: [XMLNode] = []

    /// Reads a document; nil when it is none.
    init?(document: [UInt8]) {
        guard String(validating: document, as: UTF8.self) != nil else { return nil }
        var reader = XMLReader(document)
        guard let root = reader.document() else { return nil }
        self = root
    }

    fileprivate init(name: String) { self.name = name }

    /// The text of the first child of a name.
    func callAsFunction(_ name: String) -> String? { self.children.first { $0.name == name }?.text }

    /// All children of a name.
    func all(_ name: String) -> [XMLNode] { self.children.filter { $0.name == name } }

    fileprivate mutating func append(_ child: XMLNode) { self.children.append(child) }

    fileprivate mutating func append(_ bytes: ArraySlice<UInt8>) {
        self.text += String(decoding: bytes, as: UTF8.self)
    }

    fileprivate mutating func append(_ character: Character) { self.text.append(character) }
}

private struct XMLReader {
    /// Deeper than any answer is.
    private static let depth = 16
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() -> XMLNode? {
        guard self.skipMisc(), let root = self.element(0), self.skipMisc() else { return nil }
        return self.place == self.bytes.count ? root : nil
    }

    /// White space, comments and instructions, such as the declaration.
    private mutating func skipMisc() -> Bool {
        while true {
            self.skipSpace()
            if self.take("<?") {
                guard self.skip(past: "?>") else { return false }
            } else if self.take("<!--") {
                guard self.skip(past: "-->") else { return false }
            } else {
                return true
            }
        }
    }

    private mutating func element(_ depth: Int) -> XMLNode? {
        guard depth < Self.depth, self.take("<"), let name = self.tagName() else { return nil }
        // "s3:Key" is a Key.
        let local = name.split(separator: ":").last.map(String.init) ?? name
        var node = XMLNode(name: local)
        guard self.skipAttributes() else { return nil }
        if self.take("/>") { return node }
        guard self.take(">") else { return nil }
        while self.place < self.bytes.count {
            if self.take("</") {
                guard self.tagName() == name else { return nil }
                self.skipSpace()
                return self.take(">") ? node : nil
            } else if self.take("<!--") {
                guard self.skip(past: "-->") else { return nil }
            } else if self.take("<![CDATA[") {
                let start = self.place
                guard self.skip(past: "]]>") else { return nil }
                node.append(self.bytes[start..<(self.place - 3)])
            } else if self.bytes[self.place] == UInt8(ascii: "<") {
                guard let child = self.element(depth + 1) else { return nil }
                node.append(child)
            } else if self.take("&") {
                guard let character = self.reference() else { return nil }
                node.append(character)
            } else {
                let start = self.place
                self.skip { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
                node.append(self.bytes[start..<self.place])
            }
        }
        return nil
    }

    private mutating func tagName() -> String? {
        let start = self.place
        self.skip { byte in
            byte >= 0x80 || Character(UnicodeScalar(byte)).isLetter || (0x30...0x3A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        return start == self.place ? nil : String(decoding: self.bytes[start..<self.place], as: UTF8.self)
    }

    private mutating func skipAttributes() -> Bool {
        while true {
            self.skipSpace()
            guard self.place < self.bytes.count else { return false }
            let byte = self.bytes[self.place]
            if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") { return true }
            guard self.tagName() != nil else { return false }
            self.skipSpace()
            guard self.take("=") else { return false }
            self.skipSpace()
            guard self.take("\"") ? self.skip(past: "\"") : self.take("'") && self.skip(past: "'") else { return false }
        }
    }

    /// What stands between "&" and ";".
    private mutating func reference() -> Character? {
        let start = self.place
        guard self.skip(past: ";") else { return nil }
        let name = String(decoding: self.bytes[start..<(self.place - 1)], as: UTF8.self)
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { Unicode.Scalar($0) }.map { Character($0) }
        }
    }

    private mutating func skipSpace() { self.skip { $0 == 0x20 || (0x09...0x0D).contains($0) } }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while self.place < self.bytes.count, condition(self.bytes[self.place]) { self.place += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        guard self.bytes[self.place...].starts(with: text.utf8) else { return false }
        self.place += text.utf8.count
        return true
    }

    private mutating func skip(past text: String) -> Bool {
        while self.place < self.bytes.count {
            if self.take(text) { return true }
            self.place += 1
        }
        return false
    }
}
