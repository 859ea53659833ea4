import Failures

/// The rule for keys: relative paths of plain components, which lead nowhere but below the root.
package enum ObjectKey {
    /// The start of the names of files that are not objects yet.
    private static let temporaryPrefix = ".dorsal-"

    /// Throws for a key that is not allowed.
    package static func validate(_ key: String) throws {
        guard let objection = self.objection(to: key) else { return }
        throw Failure(.internal, "Cannot use the key \"\(key)\": \(objection)")
    }

    /// The key of the folder an object is in; empty for the root.
    static func folder(of key: String) -> String { key.lastIndex(of: "/").map { String(key[..<$0]) } ?? "" }

    /// A key in the same folder that no object has, and no other file either.
    static func temporarySibling(of key: String) -> String {
        let folder = self.folder(of: key)
        let name = self.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 16)
        return folder.isEmpty ? name : folder + "/" + name
    }

    /// Whether a file's name is a temporary one, which no listing shows.
    static func isTemporary(_ name: some StringProtocol) -> Bool { name.hasPrefix(self.temporaryPrefix) }

    private static func objection(to key: String) -> String? {
        if key.isEmpty { return "it is empty" }
        if key.utf8.contains(0) { return "it contains a NUL byte" }
        if key.hasPrefix("/") { return "it is absolute" }
        for component in key.split(separator: "/", omittingEmptySubsequences: false) {
            if component.isEmpty { return "it has an empty component" }
            if component == "." || component == ".." { return "it has a component \"\(component)\"" }
            if component.utf8.count > 255 { return "it has a component of more than 255 bytes" }
            if self.isTemporary(component) { return "\"\(self.temporaryPrefix)\" starts names of temporary files" }
        }
        return nil
    }
}
