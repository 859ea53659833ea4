import Failures
import Foundation
import Glibc
import Storage
import Testing

/// A folder that goes away with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "dorsal-storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// A path in the folder.
    func callAsFunction(_ name: String) -> String { self.path + "/" + name }
}

/// The permission bits of a path, in octal.
func mode(of path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0 else { return "none" }
    return String(status.st_mode & 0o7777, radix: 8)
}

/// Expects a failure of a class, and gives it for a closer look.
@discardableResult
func expectFailure(
    _ class: Failure.Class,
    containing text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> Failure? {
    do {
        try body()
        Issue.record("no error was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.class == `class`, "\(failure)", sourceLocation: sourceLocation)
        #expect(text.isEmpty || failure.description.contains(text), "\(failure)", sourceLocation: sourceLocation)
        return failure
    } catch {
        Issue.record("another error was thrown: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
