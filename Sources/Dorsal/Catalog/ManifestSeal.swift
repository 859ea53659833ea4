import Archive
import Failures
import Foundation

/// The checksum at the end of a stored manifest, over all that stands before it.
///
/// It is a field of the JSON object like any other, its last: `manifest_sha256` is the SHA-256 of the file's bytes before
/// the comma that leads to it. A manifest without it is one of an earlier Dorsal.
enum ManifestSeal {
    private static let start = ",\n  \"manifest_sha256\" : \""
    private static let end = "\"\n}"

    /// Adds the checksum to a manifest that is about to be stored.
    static func seal(_ manifest: Data) -> Data {
        let closing = Data("\n}".utf8)
        guard manifest.suffix(closing.count) == closing else { return manifest }
        let body = manifest.dropLast(closing.count)
        return body + Data((self.start + Fingerprint.sha256(body) + self.end).utf8)
    }

    /// Compares a stored manifest with its checksum.
    ///
    /// - Throws: `Failure` of class `integrity`.
    static func check(_ stored: Data, _ address: String) throws {
        guard let start = stored.range(of: Data(self.start.utf8), options: .backwards) else { return }
        let actual = Fingerprint.sha256(stored[..<start.lowerBound])
        guard stored[start.upperBound...] == Data((actual + self.end).utf8) else {
            throw Failure(
                .integrity,
                "\(address) is damaged",
                cause: "its SHA-256 is not the one that it says itself",
                hint: "use another copy or another backup: dorsal list"
            )
        }
    }
}
