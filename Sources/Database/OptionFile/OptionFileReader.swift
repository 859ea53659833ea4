import Failures
import Foundation

/// Collects the options of a file and of those that it includes, each at its place.
struct OptionFileReader {
    private(set) var files: [String] = []
    private(set) var entries: [OptionFile.Entry] = []
    private(set) var contents: [String: [UInt8]] = [:]
    /// The files being read, outermost first.
    private var open: [String] = []

    /// The server's own limit; what is deeper it skips.
    private static let depthLimit = 10

    /// A place in a file, for messages.
    struct Place: CustomStringConvertible {
        let file: String
        let line: Int
        var description: String { "\(self.file):\(self.line)" }
    }

    /// Reads a file from the disk; `requestedBy` is the include that names it.
    mutating func read(file: String, requestedBy place: Place?) throws {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            let what = place.map { "\($0): cannot include \(file)" } ?? "cannot read the option file \(file)"
            throw Failure(.usage, what, cause: error.localizedDescription, hint: "create the file or correct its name")
        }
        try self.read(Array(bytes), of: file)
    }

    /// Reads a file's bytes.
    mutating func read(_ bytes: [UInt8], of file: String) throws {
        if self.contents[file] == nil { self.files.append(file) }
        self.contents[file] = bytes
        self.open.append(file)
        defer { self.open.removeLast() }
        var group: String?
        let lines = bytes.withoutByteOrderMark.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            try self.take(OptionLine(line), at: Place(file: file, line: index + 1), group: &group)
        }
    }

    private mutating func take(_ line: OptionLine, at place: Place, group: inout String?) throws {
        switch line {
        case .blank: break
        case .group(let name): group = name.lowercased()
        case .include(let path): try self.include(OptionFileReader.resolve(path, at: place), from: place)
        case .includeDirectory(let path):
            for file in try OptionFileReader.optionFiles(in: OptionFileReader.resolve(path, at: place), from: place) {
                try self.include(file, from: place)
            }
        case .option(let key, let value):
            guard let group else {
                let hint = "put a line such as [mysqld] before it"
                throw Failure(.usage, "\(place): the option '\(key)' stands before any [group]", hint: hint)
            }
            let entry = OptionFile.Entry(group: group, key: key, value: value, file: place.file, line: place.line)
            self.entries.append(entry)
        case .malformed(let reason):
            throw Failure(
                .usage,
                "\(place): \(reason)",
                hint: "correct the line: the server does not start with it either"
            )
        }
    }

    /// A file that includes itself is skipped the second time: it has nothing to add, and the server starts with it.
    private mutating func include(_ file: String, from place: Place) throws {
        guard !self.open.contains(file), self.open.count <= OptionFileReader.depthLimit else { return }
        try self.read(file: file, requestedBy: place)
    }

    private static func resolve(_ path: String, at place: Place) -> String {
        let folder = URL(fileURLWithPath: place.file).deletingLastPathComponent()
        return URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path
    }

    /// The folder's `*.cnf` in the order of their bytes, as the server has it; hidden ones count too.
    private static func optionFiles(in folder: String, from place: Place) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".cnf") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map { "\(folder)/\($0)" }
                .filter { !isFolder($0) }
        } catch {
            let hint = "create the folder or correct its name"
            let what = "\(place): cannot include the folder \(folder)"
            throw Failure(.usage, what, cause: error.localizedDescription, hint: hint)
        }
    }
}

private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

extension [UInt8] {
    /// The bytes after a UTF-8 byte order mark, which Windows editors put there.
    fileprivate var withoutByteOrderMark: ArraySlice<UInt8> {
        self.starts(with: [0xEF, 0xBB, 0xBF]) ? self.dropFirst(3) : self[...]
    }
}
