import Failures

/// What a package that is being written holds so far.
struct PackageContents {
    var files: [PackageFile] = []
    var directories: [PackageDirectory] = []
    /// As bytes: two spellings of one letter are two files, but equal strings.
    private var names: Set<[UInt8]> = []

    /// Reserves a name, so that the reader, which allows no name twice, can read what is written.
    mutating func claim(_ path: String) throws {
        if let objection = EntryPath.objection(to: path) {
            throw Failure(.internal, "Cannot package \"\(path)\": \(objection)")
        }
        guard self.names.insert(Array(path.utf8)).inserted else {
            throw Failure(.internal, "Cannot package \"\(path)\" twice")
        }
    }
}
