import Foundation
import Glibc

/// Standard output or standard error.
struct Stream: Sendable {
    static let output = Stream(descriptor: STDOUT_FILENO)
    static let error = Stream(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    var isTerminal: Bool { isatty(self.descriptor) == 1 }

    /// The terminal's columns as they are now; 80 where they are not known.
    var width: Int {
        var size = winsize()
        guard ioctl(self.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    func write(_ text: String) {
        if text.isEmpty { return }
        // Nobody may be reading any more; that is not a reason to fail.
        try? FileHandle(fileDescriptor: self.descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }
}
