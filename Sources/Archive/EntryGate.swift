import Failures

/// Lets through only the entries a manifest lists, each once, as what it lists them.
///
/// This is an allow-list: an entry is judged before anything of it is written.
struct EntryGate {
    /// What an entry is, once it was let through.
    enum Admitted {
        case file(PackageFile)
        case directory(PackageDirectory)
    }

    private let package: String
    /// By the bytes of the path: equal strings may be two spellings of one letter, which are two files.
    private var missing: [[UInt8]: Admitted] = [:]
    private var seen: Set<[UInt8]> = []

    /// Lists what to let through.
    ///
    /// - Throws: ``Failure`` of class integrity when the list itself names something twice.
    init(_ expected: PackageDigest, package: String) throws {
        self.package = package
        for directory in expected.directories { try self.expect(directory.path, .directory(directory)) }
        for file in expected.files { try self.expect(file.path, .file(file)) }
    }

    /// Judges an entry.
    mutating func admit(_ entry: TarEntry) throws -> Admitted {
        var path = entry.path
        // libarchive marks folders by a slash at the end.
        if case .directory = entry.kind, path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        if case .other(let kind) = entry.kind { throw self.refusal(path, "it is \(kind)") }
        if let objection = EntryPath.objection(to: path) { throw self.refusal(path, "\(objection)") }
        let key = Array(path.utf8)
        if self.seen.contains(key) { throw self.refusal(path, "it is there twice") }
        guard let expected = self.missing.removeValue(forKey: key) else {
            throw self.refusal(path, "the manifest does not list it")
        }
        self.seen.insert(key)
        switch (entry.kind, expected) {
        case (.directory, .directory): break
        case (.file, .file(let file)):
            guard entry.size == file.size else {
                throw self.refusal(path, "it has \(entry.size) bytes, and not \(file.size)")
            }
        default: throw self.refusal(path, "it is not what the manifest says, a file or a folder")
        }
        return expected
    }

    /// Throws when something that is expected did not come.
    func finish() throws {
        let paths = self.missing.keys.sorted { $0.lexicographicallyPrecedes($1) }
        guard let first = paths.first else { return }
        let path = String(decoding: first, as: UTF8.self)
        let more = paths.count > 1 ? " and \(paths.count - 1) more" : ""
        throw Failure.damaged(self.package, "lacks \"\(path)\"\(more)")
    }

    private mutating func expect(_ path: String, _ entry: Admitted) throws {
        guard self.missing.updateValue(entry, forKey: Array(path.utf8)) == nil else {
            throw Failure(.integrity, "The manifest of package \(self.package) lists \"\(path)\" twice")
        }
    }

    private func refusal(_ path: String, _ reason: String) -> Failure {
        Failure.damaged(self.package, "has an entry \"\(path)\" that is refused: \(reason)")
    }
}
