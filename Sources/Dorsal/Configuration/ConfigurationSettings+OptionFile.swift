import Database
import Failures

extension ConfigurationSettings {
    /// What an option file says about the connection, by its own names.
    private static let connectionKeys = [
        "user": "instance.user", "password": "instance.password", "port": "instance.port", "socket": "instance.socket",
    ]

    /// Takes the connection from `instance.defaults_file` where nothing else gives it; `[dorsal]` goes before `[client]`.
    ///
    /// The group `[dorsal]` is ours, so an option that it cannot have is an error; all others belong to other programs.
    mutating func complementByOptionFile() throws {
        guard let setting = self["instance.defaults_file"] else { return }
        let options = try ConfigurationSettings.optionFile(setting)
        for option in options.options(in: "dorsal") { try ConfigurationSettings.check(option) }
        var found: [String: Setting] = [:]
        for option in options.options(in: "client") + options.options(in: "dorsal") {
            guard let path = ConfigurationSettings.connectionKeys[option.key], let value = option.value, !value.isEmpty
            else { continue }
            found[path] = Setting(key: option.key, text: value, place: .file(option.file, line: option.line))
        }
        for (path, setting) in found where ConfigurationKey.ways(of: path).allSatisfy({ self[$0] == nil }) {
            self.add(setting, for: path)
        }
    }

    private static func optionFile(_ setting: Setting) throws -> OptionFile {
        do {
            return try OptionFile(path: setting.absolutePath())
        } catch let failure as Failure {
            throw Failure(.usage, failure.message, cause: failure.cause, hint: "\(setting.name) names the option file")
        }
    }

    private static func check(_ option: (key: String, value: String?, file: String, line: Int)) throws {
        let place = "\(option.file):\(option.line)"
        // Only the first word, as a line such as `password secret` is all key.
        let name = option.key.split(separator: " ").first.map(String.init) ?? option.key
        guard ConfigurationSettings.connectionKeys[option.key] != nil else {
            let names = ConfigurationSettings.connectionKeys.keys.sorted()
            let nearest = NearestName.find(name, in: names).flatMap {
                $0.distance <= max(1, name.count / 3) ? $0.name : nil
            }
            let hint =
                nearest.map { "did you mean '\($0)'?" }
                ?? "the options in [dorsal] are \(names.joined(separator: ", "))"
            throw Failure(.usage, "\(place): unknown option '\(name)' in [dorsal]", hint: hint)
        }
        guard option.value?.isEmpty == false else {
            throw Failure(.usage, "\(place): '\(name)' has no value", hint: "give it one or remove the line")
        }
    }
}
