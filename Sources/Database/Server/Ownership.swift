import Failures
import Glibc

/// The user that restored files belong to.
package struct Ownership: Sendable, Equatable {
    package let name: String
    package let uid: UInt32
    package let gid: UInt32

    /// The user by name when we are root; nil otherwise, as only root can give files away.
    ///
    /// - Throws: ``Failure`` of class `usage` when there is no such user.
    package static func find(_ name: String) throws -> Ownership? {
        guard getuid() == 0 else { return nil }
        guard let entry = getpwnam(name) else {
            throw Failure(
                .usage,
                "there is no user '\(name)' on this machine",
                hint: "set instance.os_user to the server's user"
            )
        }
        return Ownership(name: name, uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
    }

    /// Gives a file or folder to the user, symbolic links not followed.
    package func give(_ path: String) throws {
        guard lchown(path, self.uid, self.gid) == 0 else {
            throw Failure(
                .unusable,
                "\(path) cannot be given to '\(self.name)'",
                cause: String(cString: strerror(errno))
            )
        }
    }
}
