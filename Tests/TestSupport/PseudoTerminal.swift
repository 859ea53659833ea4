import Failures
import Glibc
import Synchronization
import SystemPackage

/// A terminal that programs can be started on, and that keeps what they write to it.
package final class PseudoTerminal: Sendable {
    private let side: Int32
    private let path: String
    private let kept = Mutex<[UInt8]>([])

    /// A terminal with so many columns.
    package init(columns: UInt16 = 80) throws {
        // What posix_openpt, unlockpt and ptsname do, which Swift's Glibc does not have. (pts(4), ioctl_tty(2))
        let side = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (locked, number): (Int32, UInt32) = (0, 0)
        guard side >= 0, ioctl(side, 0x4004_5431, &locked) == 0, ioctl(side, 0x8004_5430, &number) == 0 else {
            throw Failure.file("open", "/dev/ptmx", errno: errno)
        }
        self.side = side
        self.path = "/dev/pts/\(number)"
        _ = fcntl(side, F_SETFL, O_NONBLOCK)
        self.resize(columns: columns)
    }

    /// Makes it wider or narrower.
    package func resize(columns: UInt16) {
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(self.side, UInt(TIOCSWINSZ), &size)
    }

    /// The programs' side of it.
    func open() throws -> FileDescriptor {
        let descriptor = Glibc.open(self.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file("open", self.path, errno: errno) }
        return FileDescriptor(rawValue: descriptor)
    }

    /// What was written to it so far; line ends are as a terminal gets them, with a carriage return.
    package var text: String {
        var buffer = [UInt8](repeating: 0, count: 65536)
        return self.kept.withLock { kept in
            while case let count = read(self.side, &buffer, buffer.count), count > 0 {
                kept += buffer[..<count]
            }
            return String(decoding: kept, as: UTF8.self)
        }
    }

    /// What is to be seen on it: of every line what was written after its last carriage return, without colours.
    package var lines: [String] {
        self.text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { line in
            (line.split(separator: "\r", omittingEmptySubsequences: false).last.map(String.init) ?? "")
                .replacing(#/\x1B\[[0-9]*[mK]/#, with: "")
        }
    }

    deinit { close(self.side) }
}
