/// A file of AWS's own tools, `~/.aws/credentials` or `~/.aws/config`: profiles with keys and values.
///
/// The format is that of <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.
struct AWSFile {
    /// The file's path.
    let path: String
    /// The profiles by name, each with its values, none of them empty.
    private(set) var profiles: [String: [String: String]] = [:]

    /// Reads a file.
    init(path: String) throws {
        self.init(text: try FileContents(path: path, purpose: "the AWS file").text, path: path)
    }

    /// Takes a file's text apart; what is not understood is somebody else's and skipped.
    init(text: String, path: String) {
        self.path = path
        var profile: String?
        for line in text.split(whereSeparator: \.isNewline) {
            // An indented line belongs to the value above it, which is none of ours then.
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[" {
                profile = AWSFile.profile(line)
            } else if let profile, let equals = line.firstIndex(of: "=") {
                let value = AWSFile.trimmed(line[line.index(after: equals)...])
                if !value.isEmpty { self.profiles[profile, default: [:]][AWSFile.trimmed(line[..<equals])] = value }
            }
        }
    }

    /// The name in a line such as `[default]` or `[profile backup]`; nil for sections of other kinds.
    private static func profile(_ line: Substring) -> String? {
        guard let end = line.firstIndex(of: "]") else { return nil }
        let words = line[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
        switch words.count {
        case 1: return String(words[0])
        case 2 where words[0] == "profile": return String(words[1])
        default: return nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
