import Failures
import Foundation

/// A value as it was given, and where.
struct Setting: Equatable {
    /// Where a setting was given.
    enum Place: Equatable {
        /// A line of a configuration file.
        case file(String, line: Int)
        /// An environment variable, in a process with this working directory.
        case environment(String, workingDirectory: String)
        /// An option of the command line, in a process with this working directory.
        case flag(String, workingDirectory: String)
    }

    /// The key as it was written there, possibly one of mysqlbackup.py's.
    let key: String
    /// The value's text.
    var text: String
    let place: Place

    /// Whether the key is one of mysqlbackup.py's.
    var isFlat: Bool { ConfigurationKey.named(self.key)?.isFlat == true }

    /// The key, and where it stands.
    var name: String {
        switch self.place {
        case .file(_, let line): "'\(self.key)' on line \(line)"
        case .environment(let name, _), .flag(let name, _): name
        }
    }

    /// Where the value was given, in words.
    var source: String {
        switch self.place {
        case .file(let file, let line): "\(file):\(line)"
        case .environment(let name, _), .flag(let name, _): name
        }
    }

    /// A failure that names the place and the key.
    func failure(_ problem: String, hint: String? = nil) -> Failure {
        switch self.place {
        case .file(let file, let line):
            Failure(.usage, "\(file):\(line): '\(self.key)' \(problem)", hint: hint)
        case .environment(let name, _):
            Failure(.usage, "the environment variable \(name) \(problem)", hint: hint)
        case .flag(let name, _):
            Failure(.usage, "the option \(name) \(problem)", hint: hint)
        }
    }

    /// The value as a number in a range.
    func number<Number: FixedWidthInteger>(in range: ClosedRange<Number>) throws -> Number {
        guard let number = Number(self.text), range.contains(number) else {
            let numbers = "a number from \(range.lowerBound) to \(range.upperBound)"
            throw self.failure("must be \(numbers), not '\(self.text)'")
        }
        return number
    }

    /// The value as a number of bytes in a range.
    func bytes(in range: ClosedRange<Int64> = 0...Int64.max) throws -> Int64 {
        guard let bytes = Quantity.bytes(self.text), range.contains(bytes) else {
            let sizes = "from \(Quantity.text(bytes: range.lowerBound)) to \(Quantity.text(bytes: range.upperBound))"
            let hint = "K, M, G and T are powers of 1024, with or without iB after them"
            throw self.failure("must be a size such as 64MiB, \(sizes), not '\(self.text)'", hint: hint)
        }
        return bytes
    }

    /// The value as a time in a range.
    func duration(in range: ClosedRange<Duration> = .zero ... .seconds(Int64.max)) throws -> Duration {
        guard let duration = Quantity.duration(self.text), range.contains(duration) else {
            let times = "from \(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))"
            let hint = "a number with s, m, h, d or w: 90s, 15m, 12h, 7d, 2w"
            throw self.failure("must be a time such as 15m, \(times), not '\(self.text)'", hint: hint)
        }
        return duration
    }

    /// The value as yes or no, in the words that YAML has for them.
    func flag() throws -> Bool {
        switch self.text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw self.failure("must be true or false, not '\(self.text)'")
        }
    }

    /// The value as an absolute path without a slash at its end.
    func absolutePath() -> String {
        let folder =
            switch self.place {
            case .file(let file, _): URL(fileURLWithPath: file).deletingLastPathComponent()
            case .environment(_, let workingDirectory), .flag(_, let workingDirectory):
                URL(fileURLWithPath: workingDirectory, isDirectory: true)
            }
        return URL(fileURLWithPath: self.text, relativeTo: folder).standardizedFileURL.path
    }
}

extension Setting {
    /// The line of the file; 0 for the environment.
    var line: Int { if case .file(_, let line) = self.place { line } else { 0 } }

    /// Checks that the value is of a kind.
    func check(_ kind: ConfigurationKey.Kind) throws {
        if kind != .anyText, self.text.isEmpty {
            throw self.failure("must not be empty", hint: "give it a value or remove it")
        }
        switch kind {
        case .text, .anyText, .path, .secret: break
        case .port: _ = try self.number(in: 1...UInt16.max)
        case .number: _ = try self.number(in: 1...UInt32.max)
        case .count(let range): _ = try self.number(in: range)
        case .size(let range): _ = try self.bytes(in: range)
        case .duration(let range): _ = try self.duration(in: range)
        case .flag: _ = try self.flag()
        case .choice(let words): try self.checkChoice(of: words)
        case .url: try self.checkURL("not '\(self.text)'")
        case .secretURL: try self.checkURL("which this one is not")
        }
    }

    private func checkChoice(of words: [String]) throws {
        guard !words.contains(self.text) else { return }
        let nearest = NearestName.find(self.text, in: words).flatMap { $0.distance <= 2 ? $0.name : nil }
        let problem = "must be one of \(words.joined(separator: ", ")), not '\(self.text)'"
        throw self.failure(problem, hint: nearest.map { "did you mean '\($0)'?" })
    }

    private func checkURL(_ complaint: String) throws {
        let url = URLComponents(string: self.text)
        guard url?.user == nil, url?.password == nil else {
            throw self.failure("must not hold a user or password", hint: "keep secrets out of addresses")
        }
        guard let url, ["http", "https"].contains(url.scheme), url.host?.isEmpty == false else {
            throw self.failure("must be a URL such as https://s3.example.com, \(complaint)")
        }
    }
}
