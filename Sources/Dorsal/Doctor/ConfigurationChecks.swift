/// Judges the configuration by itself.
enum ConfigurationChecks {
    static func judge(_ configuration: Configuration) -> [Check] {
        let found = ConfigurationCheck(configuration, skipsPlaces: true)
        let problems = found.problems.map { Check.failed(.configuration, "configuration", $0) }
        let warnings = found.warnings.map {
            Check.warning(.configuration, "configuration", $0, hint: "dorsal config check tells of files in detail")
        }
        if !(problems + warnings).isEmpty { return problems + warnings }
        return [.ok(.configuration, "configuration", "\(configuration.file ?? "given by the program") is fine")]
    }
}
