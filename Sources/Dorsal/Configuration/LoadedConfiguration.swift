/// A configuration, and where its values come from.
package struct LoadedConfiguration: Sendable {
    /// The configuration.
    package let configuration: Configuration
    let settings: ConfigurationSettings
    /// Where values come from that no setting gives, by their keys.
    let origins: [String: String]

    /// A key's value as it holds.
    package struct EffectiveSetting: Sendable, Equatable, Encodable {
        /// What the object is, in JSON.
        package var type = "setting"
        /// The key, such as `instance.port` or `replication.sources[0].host`.
        package let key: String
        /// The value; `(hidden)` for a secret, nil when there is none.
        package let value: String?
        /// The option, the environment's variable, `file:line`, another file, or `default`.
        package let source: String
    }

    /// All values in the order of the reference.
    package var effectiveSettings: [EffectiveSetting] {
        let peers = self.configuration.replication.sources.indices
        return ConfigurationKey.all.flatMap { key -> [EffectiveSetting] in
            guard key.path.hasPrefix("\(ConfigurationKey.sources)[]") else {
                return self.effective(key, key.path).map { [$0] } ?? []
            }
            return key.name == "id" ? peers.flatMap(self.peer) : []
        }
    }

    private func peer(_ index: Int) -> [EffectiveSetting] {
        ConfigurationKey.all.filter { $0.section == "\(ConfigurationKey.sources)[]" }
            .compactMap { self.effective($0, "\(ConfigurationKey.sources)[\(index)].\($0.name)") }
    }

    /// The value of a key; nil for one of mysqlbackup.py's keys that says the same as another, or is not there.
    private func effective(_ key: ConfigurationKey, _ path: String) -> EffectiveSetting? {
        let setting = self.settings[path]
        if key.isFlat, setting == nil { return nil }
        return EffectiveSetting(
            key: path,
            value: self.value(of: key, path, setting),
            source: setting?.source ?? self.origins[path] ?? "default"
        )
    }

    private func value(of key: ConfigurationKey, _ path: String, _ setting: Setting?) -> String? {
        if key.isSecret || self.origins[path]?.hasPrefix("profile") == true && path.hasSuffix("_key") {
            return setting == nil && self.origins[path] == nil ? nil : "(hidden)"
        }
        if let value = EffectiveValues.value(of: path, in: self.configuration) { return value }
        guard let setting else { return nil }
        return key.kind == .path ? setting.absolutePath() : setting.text
    }
}
