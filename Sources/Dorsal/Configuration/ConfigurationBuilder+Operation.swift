import Failures

extension ConfigurationBuilder {
    func backup() throws -> Configuration.BackupOptions {
        var options = Configuration.BackupOptions()
        options.engine = self.settings["backup.engine"].flatMap { .init(rawValue: $0.text) } ?? options.engine
        options.package = self.settings["backup.package"].flatMap { .init(rawValue: $0.text) } ?? options.package
        options.keepLocal = try self.settings["backup.keep_local"]?.flag() ?? options.keepLocal
        options.maxRate = try self.settings["backup.max_rate"]?.bytes()
        options.lowPriority = try self.settings["backup.low_priority"]?.flag() ?? options.lowPriority
        options.staging = self.settings["backup.staging"]?.absolutePath()
        options.threads = try self.settings["backup.threads"]?.number(in: 1...Int.max)
        return options
    }

    func retention() throws -> Configuration.Retention {
        var retention = Configuration.Retention(general: try self.policy("retention"))
        retention.local = try self.ownPolicy("retention.local")
        retention.s3 = try self.ownPolicy("retention.s3")
        retention.grace = try self.settings["retention.grace"]?.duration() ?? retention.grace
        return retention
    }

    private func ownPolicy(_ section: String) throws -> Configuration.Retention.Policy? {
        self.settings.hasSection(section) ? try self.policy(section) : nil
    }

    private func policy(_ section: String) throws -> Configuration.Retention.Policy {
        try Configuration.Retention.Policy(
            keepLast: self.settings["\(section).keep_last"]?.number(in: 1...Int.max),
            keepDaily: self.settings["\(section).keep_daily"]?.number(in: 1...Int.max),
            keepWeekly: self.settings["\(section).keep_weekly"]?.number(in: 1...Int.max),
            keepMonthly: self.settings["\(section).keep_monthly"]?.number(in: 1...Int.max),
            keepWithin: self.settings["\(section).keep_within"]?.duration()
        )
    }

    func hooks() throws -> Configuration.Hooks {
        var hooks = Configuration.Hooks()
        hooks.beforeBackup = self.settings["hooks.before_backup"]?.text
        hooks.afterBackup = self.settings["hooks.after_backup"]?.text
        hooks.onFailure = self.settings["hooks.on_failure"]?.text
        hooks.timeout = try self.settings["hooks.timeout"]?.duration() ?? hooks.timeout
        hooks.heartbeatURL = self.settings["hooks.heartbeat_url"].map { Secret($0.text) }
        return hooks
    }

    func metrics() throws -> Configuration.Metrics {
        guard let setting = self.settings["metrics.textfile"] else { return Configuration.Metrics() }
        let path = setting.absolutePath()
        guard path.hasSuffix(".prom") else {
            let hint = "the node exporter reads no others: /var/lib/prometheus/node-exporter/dorsal.prom"
            throw setting.failure("must end in .prom, unlike '\(setting.text)'", hint: hint)
        }
        return Configuration.Metrics(textfile: path)
    }
}
