/// The environment that hooks run in: this process's without its secrets, and what tells them apart.
package enum HookEnvironment {
    /// The variable with the instance's name.
    package static let instance = "DORSAL_INSTANCE"
    /// The variable with the backup's id, once there is one.
    package static let backupID = "DORSAL_BACKUP_ID"

    // What other programs take secrets from. An access key goes with its secret, as half an account helps nobody.
    private static let others: Set<String> = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "MYSQL_PWD",
    ]

    /// The variables of a hook.
    ///
    /// `DORSAL_CONFIG` names the configuration of this run, so that a hook's own `dorsal` works with the same.
    static func variables(
        _ configuration: Configuration,
        backup: BackupID?,
        from environment: [String: String]
    ) -> [String: String] {
        let secrets = ConfigurationKey.all.filter(\.isSecret).compactMap(\.environmentName)
        // A sync point is one process's.
        let hidden = Self.others.union(secrets).union(["DORSAL_SYNC_POINT", Self.instance, Self.backupID])
        var variables = environment.filter { !hidden.contains($0.key) }
        variables[Self.instance] = configuration.instance.name
        if let backup { variables[Self.backupID] = backup.description }
        if let file = configuration.file { variables["DORSAL_CONFIG"] = file }
        return variables
    }
}
