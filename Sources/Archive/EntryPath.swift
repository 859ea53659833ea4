import Failures

/// The rule for names in a package: relative paths of plain components, nothing that could lead elsewhere.
enum EntryPath {
    /// Why a name is not allowed, or nil when it is.
    static func objection(to path: String) -> String? {
        if path.isEmpty { return "it is empty" }
        if path.utf8.contains(0) { return "it contains a NUL byte" }
        if path.utf8.first == UInt8(ascii: "/") { return "it is absolute" }
        if path.utf8.count > 4095 { return "it is longer than 4095 bytes" }
        for component in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if component.isEmpty { return "it has an empty component" }
            if component.count > 255 { return "it has a component of more than 255 bytes" }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                return "it has a component \"\(String(decoding: component, as: UTF8.self))\""
            }
        }
        return nil
    }
}
