import Failures

/// Values that a configuration has whether or not anybody gave them.
enum EffectiveValues {
    /// The text of such a key's value; nil for a key that has none unless it is set.
    static func value(of path: String, in configuration: Configuration) -> String? {
        let section = path.prefix { $0 != "." }
        switch section {
        case "instance": return EffectiveValues.instance(path, configuration.instance)
        case "repository": return configuration.repository.s3.flatMap { EffectiveValues.s3(path, $0) }
        case "backup": return EffectiveValues.backup(path, configuration)
        case "replication": return EffectiveValues.replication(path, configuration.replication)
        default: return EffectiveValues.others(path, configuration)
        }
    }

    private static func instance(_ path: String, _ instance: Configuration.Instance) -> String? {
        switch path {
        case "instance.name": instance.name
        case "instance.port": String(instance.port)
        case "instance.data": instance.dataDirectory
        case "instance.my_cnf": instance.myCnf
        case "instance.socket": instance.socket
        case "instance.user": instance.user
        case "instance.os_user": instance.osUser
        default: nil
        }
    }

    private static func s3(_ path: String, _ s3: Configuration.S3Settings) -> String? {
        switch path {
        case "repository.s3.endpoint": s3.endpoint ?? "AWS in \(s3.region)"
        case "repository.s3.region": s3.region
        case "repository.s3.access_key":
            if case .account(.literal(let key), _, _) = s3.credentials { key.reveal() } else { nil }
        case "repository.s3.lock_timeout": Quantity.text(s3.lockTimeout)
        case "repository.s3.idle_timeout": Quantity.text(s3.idleTimeout)
        case "repository.s3.retry_timeout": Quantity.text(s3.retryTimeout)
        default: nil
        }
    }

    private static func backup(_ path: String, _ configuration: Configuration) -> String? {
        let backup = configuration.backup
        return switch path {
        case "backup.engine": backup.engine.rawValue
        case "backup.package": backup.package.rawValue
        case "backup.keep_local": String(backup.keepLocal)
        case "backup.low_priority": String(backup.lowPriority)
        case "backup.staging": backup.staging ?? configuration.repository.local
        default: nil
        }
    }

    private static func replication(_ path: String, _ replication: Configuration.Replication) -> String? {
        guard path.hasSuffix("].port"), let index = path.firstMatch(of: #/\[(\d+)\]/#).flatMap({ Int($0.output.1) }),
            replication.sources.indices.contains(index)
        else { return nil }
        return String(replication.sources[index].port)
    }

    private static func others(_ path: String, _ configuration: Configuration) -> String? {
        switch path {
        case "retention.grace": Quantity.text(configuration.retention.grace)
        case "hooks.timeout": Quantity.text(configuration.hooks.timeout)
        default: nil
        }
    }
}
